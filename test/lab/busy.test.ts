/** A server that takes no more logins for a moment: MaxStartups. */
import { afterEach, expect, test } from 'vitest';
import { createPool, type Pool } from '../../src/ssh/ssh.ts';
import { clientOf, NAME } from '../rigs/servers/client.ts';
import { type Reach, reachBusy } from '../rigs/servers/reach.ts';
import { until } from '../rigs/until.ts';

let reach: Reach | undefined;
let pool: Pool | undefined;

afterEach(async () => {
  await pool?.close();
  await reach?.stop();
  pool = undefined;
  reach = undefined;
});

const refusals = () => reach?.server?.log().match(/past MaxStartups/gu)?.length ?? 0;

test('its key is shown once it has room', async () => {
  reach = await reachBusy('refused');
  pool = createPool(clientOf(reach, { methods: 'publickey' }));
  const presented = await pool.scan({ name: NAME });
  expect(presented.verdict.state).toBe('trusted');
  expect(refusals()).toBeGreaterThan(0);
});

test('waiting for it ends when nobody waits any more', async () => {
  reach = await reachBusy('never');
  pool = createPool(clientOf(reach, { methods: 'publickey' }));
  const controller = new AbortController();
  const connecting = pool.connect({ name: NAME }, { signal: controller.signal });
  const refused = expect(connecting).rejects.toMatchObject({ code: 'cancelled' });
  await until('it was refused', () => refusals() > 0);
  controller.abort();
  await refused;
});
