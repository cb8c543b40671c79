/**
 * The system bus, by dbus-native (loaded on first use). That library is callbacks on an emitter:
 * calls whose connection ends are never answered, and a bus that refuses is an 'error' event. Here
 * every call is a promise that settles.
 */
import type { Bus, BusCall, BusSignal } from '../kernel/bus.ts';
import { HotdeskError } from '../kernel/errors.ts';

/** A bus refuses a connection's 129th pending reply (dbus-daemon(1), max_replies_per_connection). */
const IN_FLIGHT = 48;
const CALL_MS = 10_000;
const CONNECT_MS = 5000;
const SIGNAL = 4;

interface Message {
  readonly type?: number;
  readonly sender?: string;
  readonly path?: string;
  readonly interface?: string;
  readonly member?: string;
  readonly body?: readonly unknown[];
}

/** What is used of the library. */
interface Native {
  readonly connection: {
    on(event: 'message', listener: (message: Message) => void): void;
    on(event: 'connect' | 'end', listener: () => void): void;
    on(event: 'error', listener: (error: Error) => void): void;
    readonly stream: { destroy(): void; on(event: 'close', listener: () => void): void };
  };
  invoke(message: object, callback: (error: unknown, ...values: unknown[]) => void): void;
}

/**
 * Connects to the system bus.
 * @throws HotdeskError `mdns-unavailable` where there is none or it refuses us
 */
export async function systemBus(): Promise<Bus> {
  const library = await import('@homebridge/dbus-native');
  const native = library.default.systemBus() as unknown as Native;
  const { connection } = native;
  await new Promise<void>((resolve, reject) => {
    const fail = (cause: unknown) => reject(noBus(cause));
    const timer = setTimeout(() => fail(new Error('no answer')), CONNECT_MS);
    connection.on('connect', () => {
      clearTimeout(timer);
      resolve();
    });
    connection.on('error', (error) => {
      clearTimeout(timer);
      fail(error);
    });
    connection.on('end', () => fail(new Error('closed')));
  }).catch((error: unknown) => {
    connection.stream.destroy();
    throw error;
  });
  return new Connected(native);
}

function noBus(cause: unknown): HotdeskError {
  const message = cause instanceof Error ? cause.message : String(cause);
  return new HotdeskError('mdns-unavailable', `The system message bus cannot be reached: ${message}`, {
    hint: 'Without it Avahi is not used; hotdesk speaks mDNS itself.',
    cause,
  });
}

class Connected implements Bus {
  readonly #native: Native;
  readonly #signal: ((signal: BusSignal) => void)[] = [];
  readonly #close: (() => void)[] = [];
  readonly #pending = new Set<(error: HotdeskError) => void>();
  readonly #queue: (() => void)[] = [];
  #closed = false;

  constructor(native: Native) {
    this.#native = native;
    const { connection } = native;
    connection.on('message', (message) => this.#receive(message));
    connection.on('error', () => this.close());
    connection.on('end', () => this.close());
    connection.stream.on('close', () => this.close());
  }

  async call(call: BusCall): Promise<readonly unknown[]> {
    if (this.#pending.size >= IN_FLIGHT) await new Promise<void>((resolve) => this.#queue.push(resolve));
    if (this.#closed) throw lost();
    try {
      return await this.#invoke(call);
    } finally {
      this.#queue.shift()?.();
    }
  }

  onSignal(listener: (signal: BusSignal) => void): void {
    this.#signal.push(listener);
  }

  onClose(listener: () => void): void {
    this.#close.push(listener);
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#native.connection.stream.destroy();
    for (const refuse of [...this.#pending]) refuse(lost());
    for (const resume of this.#queue.splice(0)) resume();
    for (const listener of this.#close) listener();
  }

  #invoke(call: BusCall): Promise<readonly unknown[]> {
    return new Promise((resolve, reject) => {
      const settle = () => {
        clearTimeout(timer);
        this.#pending.delete(refuse);
      };
      const refuse = (error: HotdeskError) => {
        settle();
        reject(error);
      };
      const timer = setTimeout(() => {
        refuse(new HotdeskError('timeout', `${call.destination} did not answer ${call.member}.`));
      }, CALL_MS);
      timer.unref();
      this.#pending.add(refuse);
      const { signature, body, ...head } = call;
      const message = signature === undefined ? head : { ...head, signature, body: [...(body ?? [])] };
      try {
        this.#native.invoke({ ...message }, (error, ...values) => {
          if (error) return refuse(callFailed(call, error));
          settle();
          resolve(values);
        });
      } catch (error) {
        refuse(callFailed(call, error));
      }
    });
  }

  #receive(message: Message): void {
    const { type, sender, path, member } = message;
    if (type !== SIGNAL || sender === undefined || path === undefined || member === undefined) return;
    const signal = { sender, path, interface: message.interface ?? '', member, body: message.body ?? [] };
    for (const listener of this.#signal) listener(signal);
  }
}

function lost(): HotdeskError {
  return new HotdeskError('connection-lost', 'The system message bus is gone.');
}

function callFailed(call: BusCall, cause: unknown): HotdeskError {
  const part = (key: string) =>
    typeof cause === 'object' && cause !== null ? (cause as Record<string, unknown>)[key] : undefined;
  const words = [part('name'), part('message')].filter((text) => typeof text === 'string' && text !== '');
  return new HotdeskError('command-failed', `${call.member}: ${words.join(': ') || 'refused'}`, { cause });
}
