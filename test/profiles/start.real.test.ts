/** Starts that are cancelled while what they began is on its way: the undo meets it all the same. */
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Machine } from '../../src/model/machine.ts';
import { localMachine } from '../../src/platform/local-machine.ts';
import type { StartRequest } from '../../src/profiles/backend.ts';
import { bindBackend } from '../../src/profiles/bind.ts';
import { CASES } from '../contract/cases.ts';
import { packaged } from '../contract/packaged.ts';
import { type ContractRig, localRig, nothingLeft, type TestSeat, testSeat } from '../contract/rig.ts';

let rig: ContractRig;
let desk: TestSeat;
let slow: Machine;

/** The rig's machine, with a `setsid` in front of the real one that takes its time. */
async function slowMachine(): Promise<Machine> {
  const folder = join(rig.home, '.cache', 'slow');
  mkdirSync(folder);
  writeFileSync(join(folder, 'setsid'), '#!/bin/sh\nsleep 0.6\nexec /usr/bin/setsid "$@"\n');
  chmodSync(join(folder, 'setsid'), 0o755);
  const { stdout } = await rig.machine.exec(['env', '-0']);
  const entries = stdout.toString().split('\0').filter(Boolean);
  const env: Record<string, string> = {};
  for (const entry of entries) env[entry.slice(0, entry.indexOf('='))] = entry.slice(entry.indexOf('=') + 1);
  return localMachine('here', { ...env, PATH: `${folder}:${env.PATH}` });
}

beforeAll(async () => {
  rig = await localRig();
  desk = await testSeat();
  slow = await slowMachine();
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
