import { expect, it } from 'vitest';
import { withCurrentProfiles } from '../../../src/agent/api/current-profiles.ts';
import type { Handlers } from '../../../src/agent/api/server.ts';

it('looks at the profiles before what is done by them, and not before the rest', async () => {
  const order: string[] = [];
  const done = (what: string) => async (params: unknown) => {
    order.push(what);
    return params;
  };
  const given = { start: done('start'), list: done('list'), status: done('status') } as unknown as Handlers;
  const fresh = async () => {
    await Promise.resolve();
    order.push('fresh');
  };
  const handlers = withCurrentProfiles(given, fresh) as unknown as Record<
    'start' | 'status',
    (params: unknown) => Promise<unknown>
  >;
  expect(await handlers.start({ a: 1 })).toEqual({ a: 1 });
  await handlers.status({});
  expect(order).toEqual(['fresh', 'start', 'status']);
});
