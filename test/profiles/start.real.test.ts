/** Starts that are cancelled while what they began is on its way: the undo meets it all the same. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Machine } from '../../src/model/machine.ts';
import type { StartRequest } from '../../src/profiles/backend.ts';
import { bindBackend } from '../../src/profiles/bind.ts';
import { CASES } from '../contract/cases.ts';
import { packaged } from '../contract/packaged.ts';
import {
  type ContractRig,
  localRig,
  nothingLeft,
  type TestSeat,
  testSeat,
  withSlowSetsid,
} from '../contract/rig.ts';

let rig: ContractRig;
let desk: TestSeat;
let slow: Machine;

beforeAll(async () => {
  rig = await localRig();
  desk = await testSeat();
  slow = await withSlowSetsid(rig);
});
afterAll(async () => {
  await desk.dispose();
  await rig.dispose();
});

test.each([
  'dtach',
  'xpra',
  'xpra-desktop',
  'xpra-shadow',
  'vnc',
  'vnc-shadow',
  'rdp-shadow',
  'x2go',
  'spice-vm',
])('%s: a start that is cancelled before its server has begun leaves nothing', async (name) => {
  const profile = packaged(name);
  const { kinds } = profile;
  const kind = (['app', 'terminal', 'vm', 'desktop', 'shadow'] as const).find((each) => kinds.includes(each));
  const known = CASES[name];
  const runsThat = kind === 'app' || kind === 'terminal' ? ['sleep', '600'] : [];
  const request = {
    name: 'it',
    command: known?.application?.(true) ?? runsThat,
    kind: kind ?? 'app',
    options: known?.options?.(desk.seat.id) ?? {},
  } satisfies StartRequest;
  const cancel = new AbortController();
  const started = bindBackend(profile, slow).start(request, () => cancel.abort(), cancel.signal);
  await expect(started).rejects.toMatchObject({ code: 'cancelled' });
  // What is on its way comes up after that.
  await new Promise((resolve) => setTimeout(resolve, 1500));
  await nothingLeft(rig);
});
