/** What a start of a screen leaves behind it. */
import { existsSync, mkdirSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { bindBackend } from '../../src/profiles/bind.ts';
import { packaged } from '../contract/packaged.ts';
import { type ContractRig, commandLine, localRig, nothingLeft } from '../contract/rig.ts';
import { until } from '../rigs/until.ts';

let rig: ContractRig;

beforeAll(async () => {
  rig = await localRig();
});
afterEach(() => nothingLeft(rig));
afterAll(async () => {
  await rig.dispose();
});

test('of windows that come later nothing is written where the first one was logged', async () => {
  const backend = bindBackend(packaged('screen'), rig.machine);
  const request = { name: 'it', command: ['sleep', '600'], kind: 'terminal', options: {} } as const;
  const { localId } = await backend.start(request, () => {});
  const [, log] = /-Logfile (\S+)\/out /u.exec(commandLine(Number(localId))) ?? [];
  if (!log) throw new Error('it was not logged at all');
  expect(existsSync(log)).toBe(false);
  // As another user of the host might.
  mkdirSync(log);
  await backend.execInto(localId, ['sleep', '500']);
  await until('it has two windows', async () => (await backend.info(localId)).windows === 2);
  expect(existsSync(`${log}/out`)).toBe(false);
  await backend.stop(localId);
});
