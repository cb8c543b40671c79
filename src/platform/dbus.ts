/**
 * Message buses, by dbus-native (loaded on first use). That library is callbacks on an emitter:
 * calls whose connection ends are never answered, a bus that refuses is an 'error' event, and its own
 * dispatcher of incoming calls throws out of the socket's reader when somebody asks for a property
 * that is not there. Here every call is a promise that settles, and incoming calls are ours alone.
 */
import { existsSync } from 'node:fs';
import { connect as connectSocket, type Socket } from 'node:net';
import type { Bus, BusAnswer, BusCall, BusSignal, IncomingCall, ServingBus } from '../kernel/bus.ts';
import { HotdeskError } from '../kernel/errors.ts';

/** A bus refuses a connection's 129th pending reply (dbus-daemon(1), max_replies_per_connection). */
const IN_FLIGHT = 48;
const CALL_MS = 10_000;
const CONNECT_MS = 5000;
/** Types of messages, as the specification numbers them. */
const METHOD_CALL = 1;
const METHOD_RETURN = 2;
const ERROR = 3;
const SIGNAL = 4;
/** The caller wants no answer (flag NO_REPLY_EXPECTED). */
const NO_REPLY = 1;

interface Message {
  readonly type?: number;
  readonly serial?: number;
  readonly flags?: number;
  readonly sender?: string;
  readonly path?: string;
  readonly interface?: string;
  readonly member?: string;
  readonly body?: readonly unknown[];
}

/** What is used of the library. */
interface Native {
  readonly connection: {
    listeners(event: 'message'): readonly ((message: Message) => void)[];
    removeAllListeners(event: 'message'): void;
    message(message: object): void;
    on(event: 'message', listener: (message: Message) => void): void;
    on(event: 'connect' | 'end', listener: () => void): void;
    on(event: 'error', listener: (error: Error) => void): void;
    readonly stream: { destroy(): void; on(event: 'close', listener: () => void): void };
  };
  /** Our unique name, once the bus has said it. */
  readonly name?: string;
  /** Number of the next message. */
  serial: number;
  invoke(message: object, callback: (error: unknown, ...values: unknown[]) => void): void;
}

/** Is there one? Nothing is loaded to find out. */
export function hasSystemBus(env: Readonly<Record<string, string | undefined>>): boolean {
  return Boolean(env.DBUS_SYSTEM_BUS_ADDRESS) || existsSync('/var/run/dbus/system_bus_socket');
}

/**
 * Connects to the system bus.
 * @throws HotdeskError `mdns-unavailable` where there is none or it refuses us
 */
export async function systemBus(): Promise<Bus> {
  const library = await import('@homebridge/dbus-native');
  const native = library.default.systemBus() as unknown as Native;
  await connected(native, noSystemBus);
  return new Connected(native, 'system');
}

/**
 * Connects to a desktop session's bus.
 * @param sockets where it may listen, see `sessionBusSockets`
 * @throws HotdeskError `no-seat` where there is none or it refuses us
 */
export async function sessionBus(sockets: readonly string[]): Promise<ServingBus> {
  const library = (await import('@homebridge/dbus-native')).default as unknown as {
    createClient(options: { readonly stream: Socket }): Native;
  };
  let cause: unknown = new Error('DBUS_SESSION_BUS_ADDRESS is not set');
  for (const path of sockets) {
    try {
      const native = library.createClient({ stream: connectSocket(path) });
      await connected(native, noSessionBus);
      const bus = new Connected(native, 'session');
      // The answer to Hello is what tells our name.
      await bus.call({ ...DBUS, member: 'GetId' });
      return bus;
    } catch (error) {
      cause = error;
    }
  }
  throw cause instanceof HotdeskError ? cause : noSessionBus(cause);
}

const DBUS = {
  destination: 'org.freedesktop.DBus',
  path: '/org/freedesktop/DBus',
  interface: 'org.freedesktop.DBus',
};

async function connected({ connection }: Native, refused: (cause: unknown) => HotdeskError): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    const fail = (cause: unknown) => reject(refused(cause));
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
}

function noSystemBus(cause: unknown): HotdeskError {
  return new HotdeskError('mdns-unavailable', `The system message bus cannot be reached: ${wordsOf(cause)}`, {
    hint: 'Without it Avahi is not used; hotdesk speaks mDNS itself.',
    cause,
  });
}

function noSessionBus(cause: unknown): HotdeskError {
  return new HotdeskError(
    'no-seat',
    `The message bus of the desktop session cannot be reached: ${wordsOf(cause)}`,
    { hint: 'Run this inside of the desktop session, where DBUS_SESSION_BUS_ADDRESS is set.', cause },
  );
}

const wordsOf = (cause: unknown) => (cause instanceof Error ? cause.message : String(cause));

class Connected implements ServingBus {
  readonly #native: Native;
  readonly #which: 'system' | 'session';
  readonly #signal: ((signal: BusSignal) => void)[] = [];
  readonly #close: (() => void)[] = [];
  readonly #pending = new Set<(error: HotdeskError) => void>();
  readonly #queue: (() => void)[] = [];
  #answer: ((call: IncomingCall) => BusAnswer | undefined) | undefined;
  #closed = false;

  constructor(native: Native, which: 'system' | 'session') {
    this.#native = native;
    this.#which = which;
    const { connection } = native;
    const own = connection.listeners('message');
    connection.removeAllListeners('message');
    connection.on('message', (message) => {
      if (message.type === METHOD_CALL) this.#serve(message);
      else for (const listener of own) listener(message);
    });
    connection.on('message', (message) => this.#receive(message));
    connection.on('error', () => this.close());
    connection.on('end', () => this.close());
    connection.stream.on('close', () => this.close());
  }

  async call(call: BusCall): Promise<readonly unknown[]> {
    if (this.#pending.size >= IN_FLIGHT) await new Promise<void>((resolve) => this.#queue.push(resolve));
    if (this.#closed) throw lost(this.#which);
    try {
      return await this.#invoke(call);
    } finally {
      this.#queue.shift()?.();
    }
  }

  get name(): string {
    return this.#native.name ?? '';
  }

  onCall(answer: (call: IncomingCall) => BusAnswer | undefined): void {
    this.#answer = answer;
  }

  emit({
    path,
    interface: of,
    member,
    signature,
    body,
  }: Omit<BusSignal, 'sender' | 'body'> & BusAnswer): void {
    this.#send({ type: SIGNAL, path, interface: of, member, ...content({ signature, body }) });
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
    for (const refuse of [...this.#pending]) refuse(lost(this.#which));
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

  #serve(message: Message): void {
    const { serial, flags = 0, sender = '', path = '', member = '', body = [] } = message;
    const to = { destination: sender, replySerial: serial };
    const reply = (message: object) => {
      if ((flags & NO_REPLY) === 0) this.#send(message);
    };
    try {
      const answer = this.#answer?.({ sender, path, interface: message.interface ?? '', member, body });
      if (answer) reply({ type: METHOD_RETURN, ...to, ...content(answer) });
      else reply(refusal(to, 'UnknownMethod', `${path} has no ${member}.`));
    } catch (error) {
      reply(refusal(to, 'Failed', wordsOf(error)));
    }
  }

  /** @throws Error when the body is not what the signature says */
  #send(message: object): void {
    if (this.#closed) return;
    const serial = this.#native.serial;
    this.#native.serial += 1;
    this.#native.connection.message({ ...message, serial });
  }

  #receive(message: Message): void {
    const { type, sender, path, member } = message;
    // What was read together with the last word may still come.
    if (this.#closed) return;
    if (type !== SIGNAL || sender === undefined || path === undefined || member === undefined) return;
    const signal = { sender, path, interface: message.interface ?? '', member, body: message.body ?? [] };
    for (const listener of this.#signal) listener(signal);
  }
}

function content({ signature, body }: BusAnswer): object {
  return signature === undefined ? {} : { signature, body: [...(body ?? [])] };
}

function refusal(to: object, name: string, text: string): object {
  return {
    ...{ type: ERROR, ...to, errorName: `org.freedesktop.DBus.Error.${name}` },
    ...{ signature: 's', body: [text] },
  };
}

function lost(which: string): HotdeskError {
  return new HotdeskError('connection-lost', `The ${which} message bus is gone.`);
}

function callFailed(call: BusCall, cause: unknown): HotdeskError {
  const part = (key: string) =>
    typeof cause === 'object' && cause !== null ? (cause as Record<string, unknown>)[key] : undefined;
  const words = [part('name'), part('message')].filter((text) => typeof text === 'string' && text !== '');
  return new HotdeskError('command-failed', `${call.member}: ${words.join(': ') || 'refused'}`, { cause });
}
