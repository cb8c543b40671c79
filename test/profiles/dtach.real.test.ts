/** What can go wrong with starting a program on a dtach. */
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

const REQUEST = { name: 'it', command: ['sleep', '600'], kind: 'terminal', options: {} } as const;

test('a dtach that has to be killed does not leave its socket', async () => {
  const cancel = new AbortController();
  const started = bindBackend(packaged('dtach'), rig.machine).start(
    REQUEST,
    (stage) => {
      const pid = Number(stage.localId);
      const stopped = until('it runs', () => commandLine(pid).startsWith('dtach'));
      void stopped.then(() => process.kill(pid, 'SIGSTOP')).finally(() => cancel.abort());
    },
    cancel.signal,
  );
  await expect(started).rejects.toMatchObject({ code: 'cancelled' });
});
