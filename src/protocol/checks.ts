import { EVENTS, Hello, METHODS, ServerMessage } from './api.ts';
import type { Checks } from './wire.ts';

/** Everything against its schema: for what another machine's agent sends, and for long-lived views. */
export const strictChecks: Checks = {
  hello: (value) => Hello.safeParse(value).data,
  message: (value) => ServerMessage.safeParse(value).data,
  result: (method, value) => METHODS[method].result.safeParse(value).data as never,
  event: (event, value) =>
    Object.hasOwn(EVENTS, event) ? (EVENTS[event].safeParse(value).data as never) : undefined,
};
