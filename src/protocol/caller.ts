/**
 * The calling side of the agent API over any byte stream: a local socket, or a channel through SSH.
 */
import type { Duplex } from 'node:stream';
import { cancelled } from '../kernel/abort.ts';
import { fromErrorData, HotdeskError, toHotdeskError } from '../kernel/errors.ts';
import { encodeLine, LineDecoder } from '../kernel/json-lines.ts';
import {
  type EventData,
  type EventName,
  EVENTS,
  Hello,
  MESSAGE_LIMIT,
  METHODS,
  type Method,
  type Params,
  type Result,
  ServerMessage,
} from './api.ts';
import { API_VERSION, HOTDESK_VERSION } from './version.ts';

export interface CallOptions {
  /** Aborting it asks the agent to stop and undo; the call then settles with the agent's answer. */
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((text: string) => void) | undefined;
}

interface Waiting {
  readonly method: Method;
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: HotdeskError) => void;
  readonly onProgress: ((text: string) => void) | undefined;
}

export class Caller {
  readonly #stream: Duplex;
  readonly #decoder = new LineDecoder(MESSAGE_LIMIT);
  readonly #waiting = new Map<number, Waiting>();
  readonly #listeners = new Map<EventName, Set<(data: unknown) => void>>();
  readonly #closers = new Set<(error: HotdeskError) => void>();
  #nextId = 1;
  #closed: HotdeskError | undefined;
  #hello: Hello | undefined;
  #greeted: { resolve: () => void; reject: (error: HotdeskError) => void } | undefined;

  private constructor(stream: Duplex) {
    this.#stream = stream;
  }

  /**
   * Shakes hands over `stream`.
   * @throws HotdeskError `agent-version`, `protocol-error`, `connection-lost`, `timeout`
   */
  static async open(
    stream: Duplex,
    me: { role: 'client' | 'peer'; hostId?: string; host?: string },
    timeoutMs = 5000,
  ): Promise<Caller> {
    const caller = new Caller(stream);
    await caller.#greet(me, timeoutMs);
    return caller;
  }

  /** Who answered. */
  get agent(): Hello {
    if (!this.#hello) throw new HotdeskError('internal', 'No handshake yet.');
    return this.#hello;
  }

  get closed(): boolean {
    return this.#closed !== undefined;
  }

  /** @throws the agent's error, or `connection-lost` */
  async call<M extends Method>(method: M, params: Params<M>, options: CallOptions = {}): Promise<Result<M>> {
    if (this.#closed) throw this.#closed;
    if (options.signal?.aborted) throw cancelled(options.signal);
    const id = this.#nextId++;
    const onAbort = () => this.#write({ cancel: id });
    options.signal?.addEventListener('abort', onAbort, { once: true });
    try {
      const result = await new Promise<unknown>((resolve, reject) => {
        this.#waiting.set(id, { method, resolve, reject, onProgress: options.onProgress });
        this.#write({ id, method, params });
      });
      return result as Result<M>;
    } finally {
      options.signal?.removeEventListener('abort', onAbort);
    }
  }

  on<E extends EventName>(event: E, listener: (data: EventData<E>) => void): () => void {
    const set = this.#listeners.get(event) ?? new Set();
    this.#listeners.set(event, set);
    set.add(listener as (data: unknown) => void);
    return () => set.delete(listener as (data: unknown) => void);
  }

  onClose(listener: (error: HotdeskError) => void): void {
    if (this.#closed) listener(this.#closed);
    else this.#closers.add(listener);
  }

  close(): void {
    this.#end(new HotdeskError('connection-lost', 'The connection to the agent was closed.'));
    this.#stream.destroy();
  }

  async #greet(me: { role: 'client' | 'peer'; hostId?: string; host?: string }, timeoutMs: number): Promise<void> {
    this.#stream.on('data', (chunk: Buffer) => this.#receive(chunk));
    this.#stream.on('error', (error) => this.#end(toHotdeskError(error, 'connection-lost')));
    this.#stream.on('close', () =>
      this.#end(new HotdeskError('connection-lost', 'The agent closed the connection.')),
    );
    this.#stream.on('end', () =>
      this.#end(new HotdeskError('connection-lost', 'The agent closed the connection.')),
    );
    const timer = setTimeout(() => {
      this.#end(new HotdeskError('timeout', `The agent said nothing for ${timeoutMs / 1000} s.`));
      this.#stream.destroy();
    }, timeoutMs);
    try {
      await new Promise<void>((resolve, reject) => {
        this.#greeted = { resolve, reject };
        this.#write({ hotdesk: API_VERSION, version: HOTDESK_VERSION, ...me });
      });
    } catch (error) {
      this.#stream.destroy();
      throw error;
    } finally {
      clearTimeout(timer);
    }
  }

  #receive(chunk: Buffer): void {
    try {
      for (const value of this.#decoder.push(chunk)) this.#take(value);
    } catch (error) {
      this.#end(toHotdeskError(error, 'protocol-error'));
      this.#stream.destroy();
    }
  }

  #take(value: unknown): void {
    if (!this.#hello) {
      const hello = Hello.safeParse(value);
      if (!hello.success) throw new HotdeskError('protocol-error', 'That is not a hotdesk agent.');
      if (hello.data.hotdesk !== API_VERSION) {
        throw new HotdeskError(
          'agent-version',
          `The agent is hotdesk ${hello.data.version} (API ${hello.data.hotdesk}); this is ${HOTDESK_VERSION} (API ${API_VERSION}).`,
          { hint: 'Install the same hotdesk on both sides, then run `hotdesk agent stop` there.' },
        );
      }
      this.#hello = hello.data;
      this.#greeted?.resolve();
      return;
    }
    const parsed = ServerMessage.safeParse(value);
    if (!parsed.success) throw new HotdeskError('protocol-error', 'The agent sent something unknown.');
    const message = parsed.data;
    if ('event' in message) return this.#dispatch(message.event, message.data);
    const waiting = this.#waiting.get(message.id);
    if ('progress' in message) return waiting?.onProgress?.(message.progress);
    this.#waiting.delete(message.id);
    if ('error' in message) {
      const error = fromErrorData(message.error);
      if (message.id < 0) throw error;
      waiting?.reject(error);
      return;
    }
    if (!waiting) return;
    const result = METHODS[waiting.method].result.safeParse(message.result);
    if (result.success) waiting.resolve(result.data);
    else waiting.reject(new HotdeskError('protocol-error', `The agent's answer to ${waiting.method} is malformed.`));
  }

  #dispatch(event: string, data: unknown): void {
    if (!Object.hasOwn(EVENTS, event)) return;
    const name = event as EventName;
    const listeners = this.#listeners.get(name);
    if (!listeners?.size) return;
    const parsed = EVENTS[name].safeParse(data);
    if (!parsed.success) throw new HotdeskError('protocol-error', `The agent's ${name} event is malformed.`);
    for (const listener of listeners) listener(parsed.data);
  }

  #write(value: unknown): void {
    if (this.#stream.writable) this.#stream.write(encodeLine(value));
  }

  #end(error: HotdeskError): void {
    if (this.#closed) return;
    this.#closed = error;
    this.#greeted?.reject(error);
    for (const waiting of this.#waiting.values()) waiting.reject(error);
    this.#waiting.clear();
    for (const closer of this.#closers) closer(error);
  }
}
