/** A profile that the user has just written or changed is taken as it is now. */
import type { Method } from '../../protocol/api.ts';
import type { Call, Handlers } from './server.ts';

/** What is done by profiles, or shows what they list. */
const METHODS = [
  'catalogue',
  'inventory',
  'profiles.list',
  'profiles.show',
  'profiles.check',
  'profiles.test',
  'start',
  'attach',
  'move',
  'migrate',
  'detach',
  'stop',
  'rename',
  'info',
  'thumbnail',
  'execInto',
] as const satisfies readonly Method[];

/** The handlers with `freshen` before each that has to do with profiles. */
export function withCurrentProfiles(handlers: Handlers, freshen: () => Promise<unknown>): Handlers {
  const before = METHODS.map((method) => {
    const handler = handlers[method] as (params: unknown, call: Call) => unknown;
    const fresh = async (params: unknown, call: Call) => {
      await freshen();
      return handler(params, call);
    };
    return [method, fresh] as const;
  });
  return { ...handlers, ...(Object.fromEntries(before) as Partial<Handlers>) };
}
