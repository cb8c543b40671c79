/**
 * Serves the agent API on accepted connections: handshake, requests side by side, progress, events,
 * and cancellation of all that a connection asked for when it closes.
 */
import type { Socket } from 'node:net';
import { HotdeskError, toHotdeskError } from '../../kernel/errors.ts';
import { encodeLine, LineDecoder } from '../../kernel/json-lines.ts';
import type { Logger } from '../../kernel/log.ts';
import {
  Cancel,
  type EventData,
  type EventName,
  Hello,
  MESSAGE_LIMIT,
  METHODS,
  type Method,
  type Params,
  Request,
  type Result,
} from '../../protocol/api.ts';
import { API_VERSION, HOTDESK_VERSION } from '../../protocol/version.ts';

/** Requests that one connection may have under way. */
const MAX_IN_FLIGHT = 64;
/** A peer that reads nothing while this much waits for it is dropped, in bytes. */
const MAX_BACKLOG = 32 * 1024 * 1024;

export interface Connection {
  readonly hello: Hello;
  send<E extends EventName>(event: E, data: EventData<E>): void;
  /** Bytes that wait to be read by the other side. */
  backlog(): number;
  onClose(listener: () => void): void;
}

export interface Call {
  readonly connection: Connection;
  /** Number of the process that may have had a head start. */
  readonly headStart?: number | undefined;
  readonly signal: AbortSignal;
  progress(text: string): void;
}

export type Handlers = {
  readonly [M in Method]: (params: Params<M>, call: Call) => Promise<Result<M>> | Result<M>;
};

export interface ServerIdentity {
  readonly hostId: string;
  readonly host: string;
}

/** Serves `socket` until it closes. Never throws: a bad peer is answered once and dropped. */
export function serve(socket: Socket, me: ServerIdentity, handlers: Handlers, log: Logger): void {
  const decoder = new LineDecoder(MESSAGE_LIMIT);
  const running = new Map<number, AbortController>();
  const closers = new Set<() => void>();
  let connection: Connection | undefined;

  const write = (value: unknown) => {
    if (!socket.writable) return;
    socket.write(encodeLine(value));
    if (socket.writableLength > MAX_BACKLOG) socket.destroy();
  };
  const refuse = (error: unknown) => {
    const data = toHotdeskError(error, 'protocol-error').toData();
    socket.end(encodeLine({ id: -1, error: data }));
  };

  write({ hotdesk: API_VERSION, version: HOTDESK_VERSION, role: 'agent', hostId: me.hostId, host: me.host });
  socket.on('data', (chunk: Buffer) => {
    try {
      for (const value of decoder.push(chunk)) receive(value);
    } catch (error) {
      refuse(error);
    }
  });
  socket.on('error', () => socket.destroy());
  socket.on('close', () => {
    for (const controller of running.values()) {
      controller.abort(new HotdeskError('cancelled', 'The caller went away.'));
    }
    for (const closer of closers) closer();
  });

  const receive = (value: unknown) => {
    if (!connection) {
      const hello = Hello.parse(value);
      if (hello.hotdesk !== API_VERSION) {
        throw new HotdeskError(
          'agent-version',
          `This agent speaks version ${API_VERSION} of the API, the caller version ${hello.hotdesk}.`,
          { hint: 'Install the same hotdesk on both sides, then run `hotdesk agent stop`.' },
        );
      }
      connection = {
        hello,
        send: (event, data) => write({ event, data }),
        backlog: () => socket.writableLength,
        onClose: (listener) => closers.add(listener),
      };
      return;
    }
    const cancel = Cancel.safeParse(value);
    if (cancel.success) {
      running.get(cancel.data.cancel)?.abort(new HotdeskError('cancelled', 'Stopped before it was done.'));
      return;
    }
    const request = Request.parse(value);
    if (running.size >= MAX_IN_FLIGHT || running.has(request.id)) {
      write({ id: request.id, error: new HotdeskError('agent-busy', 'Too many requests at once.').toData() });
      return;
    }
    void answer(connection, request);
  };

  const answer = async (from: Connection, request: Request) => {
    const controller = new AbortController();
    running.set(request.id, controller);
    try {
      const result = await dispatch(handlers, request, {
        connection: from,
        headStart: request.headStart,
        signal: controller.signal,
        progress: (text) => write({ id: request.id, progress: text }),
      });
      write({ id: request.id, result });
    } catch (error) {
      const coded = toHotdeskError(error);
      if (coded.code === 'internal')
        log.error({ method: request.method, err: coded.cause ?? coded }, coded.message);
      write({ id: request.id, error: coded.toData() });
    } finally {
      running.delete(request.id);
    }
  };
}

async function dispatch(handlers: Handlers, request: Request, call: Call): Promise<unknown> {
  if (!Object.hasOwn(METHODS, request.method)) {
    throw new HotdeskError(
      'protocol-error',
      `There is no method ${JSON.stringify(request.method.slice(0, 60))}.`,
      {
        hint: 'Are both hotdesks of the same version?',
      },
    );
  }
  const method = request.method as Method;
  const params = METHODS[method].params.safeParse(request.params ?? {});
  if (!params.success) {
    const issue = params.error.issues[0];
    throw new HotdeskError(
      'bad-argument',
      `${method}: ${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'bad value'}`,
    );
  }
  const handler = handlers[method] as (params: unknown, call: Call) => unknown;
  return handler(params.data, call);
}
