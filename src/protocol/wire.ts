/**
 * The calling side of the agent API over any byte stream, without the schemas: how far what comes in
 * is checked is the caller's choice (`Checks`), since loading the schemas costs a short command more
 * CPU time than all the rest that it does.
 */
import type { Duplex } from 'node:stream';
import { cancelled } from '../kernel/abort.ts';
import { fromErrorData, HotdeskError, toHotdeskError } from '../kernel/errors.ts';
import { encodeLine, LineDecoder } from '../kernel/json-lines.ts';
import type { EventData, EventName, Hello, Method, Params, Result, ServerMessage } from './api.ts';
import { MESSAGE_LIMIT } from './limits.ts';
import { API_VERSION, HOTDESK_VERSION } from './version.ts';

export interface CallOptions {
  /** Aborting it asks the agent to stop and undo; the call then settles with the agent's answer. */
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((text: string) => void) | undefined;
  /** Number of this process, where it may have had a head start. */
  readonly headStart?: number | undefined;
}

/** How what the agent sends is checked; each answers undefined for what is malformed. */
export interface Checks {
  hello(value: unknown): Hello | undefined;
  message(value: unknown): ServerMessage | undefined;
  result<M extends Method>(method: M, value: unknown): Result<M> | undefined;
  event<E extends EventName>(event: E, value: unknown): EventData<E> | undefined;
}

/** Who calls. */
export interface CallerRole {
  readonly role: 'client' | 'peer';
  readonly hostId?: string;
  readonly host?: string;
}

interface Waiting {
  readonly method: Method;
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: HotdeskError) => void;
  readonly onProgress: ((text: string) => void) | undefined;
}

export class Wire {
  readonly #stream: Duplex;
  readonly #checks: Checks;
  readonly #decoder = new LineDecoder(MESSAGE_LIMIT);
  readonly #waiting = new Map<number, Waiting>();
  readonly #listeners = new Map<EventName, Set<(data: unknown) => void>>();
  readonly #closers = new Set<(error: HotdeskError) => void>();
  /** What came and is not taken yet. */
  readonly #inbox: unknown[] = [];
  #pause: NodeJS.Immediate | undefined;
  #nextId = 1;
  #closed: HotdeskError | undefined;
  #hello: Hello | undefined;
  #greeted: { resolve: () => void; reject: (error: HotdeskError) => void } | undefined;

  constructor(stream: Duplex, checks: Checks) {
    this.#stream = stream;
    this.#checks = checks;
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
        const { headStart } = options;
        this.#write({ id, method, params, ...(headStart === undefined ? {} : { headStart }) });
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

  /** Ends it because of what came. */
  fail(error: HotdeskError): void {
    this.#end(error);
    this.#stream.destroy();
  }

  /**
   * Shakes hands; once, before anything else.
   * @throws HotdeskError `agent-version`, `protocol-error`, `connection-lost`, `timeout`
   */
  async greet(me: CallerRole, timeoutMs = 5000): Promise<void> {
    this.#stream.on('data', (chunk: Buffer) => this.#receive(chunk));
    const closed = () => this.#last(new HotdeskError('connection-lost', 'The agent closed the connection.'));
    this.#stream.on('error', (cause) => this.#last(broken(cause)));
    this.#stream.on('close', closed);
    this.#stream.on('end', closed);
    const timer = setTimeout(() => {
      this.fail(new HotdeskError('timeout', `The agent said nothing for ${timeoutMs / 1000} s.`));
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
      this.#inbox.push(...this.#decoder.push(chunk));
      if (!this.#pause) this.#takeUntilAnswer();
    } catch (error) {
      this.fail(toHotdeskError(error, 'protocol-error'));
    }
  }

  /**
   * What follows an answer waits until whoever asked has it: an event that came together with it is newer,
   * and would be heard before it.
   */
  #takeUntilAnswer(): void {
    while (this.#inbox.length > 0) {
      if (!this.#take(this.#inbox.shift())) continue;
      this.#pause = setImmediate(() => {
        this.#pause = undefined;
        this.#receive(Buffer.alloc(0));
      });
      return;
    }
  }

  /** Nothing comes any more but what is here already. */
  #last(error: HotdeskError): void {
    clearImmediate(this.#pause);
    try {
      while (this.#inbox.length > 0) this.#take(this.#inbox.shift());
    } catch (cause) {
      this.fail(toHotdeskError(cause, 'protocol-error'));
    }
    this.#end(error);
  }

  /** @returns whether that settled a call */
  #take(value: unknown): boolean {
    if (!this.#hello) {
      const hello = this.#checks.hello(value);
      if (!hello) throw new HotdeskError('protocol-error', 'That is not a hotdesk agent.');
      if (hello.hotdesk !== API_VERSION) {
        throw new HotdeskError(
          'agent-version',
          `The agent is hotdesk ${hello.version} (API ${hello.hotdesk}); this is ${HOTDESK_VERSION} (API ${API_VERSION}).`,
          { hint: 'Install the same hotdesk on both sides, then run `hotdesk agent stop` there.' },
        );
      }
      this.#hello = hello;
      this.#greeted?.resolve();
      return true;
    }
    const message = this.#checks.message(value);
    if (!message) throw new HotdeskError('protocol-error', 'The agent sent something unknown.');
    if ('event' in message) {
      this.#dispatch(message.event, message.data);
      return false;
    }
    const waiting = this.#waiting.get(message.id);
    if ('progress' in message) {
      waiting?.onProgress?.(message.progress);
      return false;
    }
    this.#waiting.delete(message.id);
    if ('error' in message) {
      const error = fromErrorData(message.error);
      if (message.id < 0) throw error;
      waiting?.reject(error);
      return true;
    }
    if (!waiting) return false;
    const result = this.#checks.result(waiting.method, message.result);
    if (result) waiting.resolve(result);
    else
      waiting.reject(
        new HotdeskError('protocol-error', `The agent's answer to ${waiting.method} is malformed.`),
      );
    return true;
  }

  #dispatch(event: string, data: unknown): void {
    const name = event as EventName;
    const listeners = this.#listeners.get(name);
    if (!listeners?.size) return;
    const checked = this.#checks.event(name, data);
    if (!checked) throw new HotdeskError('protocol-error', `The agent's ${name} event is malformed.`);
    for (const listener of listeners) listener(checked);
  }

  #write(value: unknown): void {
    if (this.#stream.writable) this.#stream.write(encodeLine(value));
  }

  #end(error: HotdeskError): void {
    if (this.#closed) return;
    this.#closed = error;
    clearImmediate(this.#pause);
    this.#inbox.length = 0;
    this.#greeted?.reject(error);
    for (const waiting of this.#waiting.values()) waiting.reject(error);
    this.#waiting.clear();
    for (const closer of this.#closers) closer(error);
  }
}

function broken(cause: Error): HotdeskError {
  if (cause instanceof HotdeskError) return cause;
  const { code } = cause as NodeJS.ErrnoException;
  return new HotdeskError(
    'connection-lost',
    `The connection to the agent broke (${code ?? cause.message}).`,
    { cause },
  );
}
