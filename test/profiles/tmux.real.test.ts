/** What is said of a command that a tmux session was started with. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { bindBackend } from '../../src/profiles/bind.ts';
import { packaged } from '../contract/packaged.ts';
import { type ContractRig, localRig, nothingLeft } from '../contract/rig.ts';

let rig: ContractRig;

beforeAll(async () => {
  rig = await localRig();
});
afterAll(async () => {
  await rig.dispose();
});

test.each([
  [['true'], 'true ended at once: It ended with 0.'],
  [['sh', '-c', 'exit 3'], 'sh ended at once: It ended with 3.'],
  [['sh', '-c', 'kill -KILL $PPID'], 'sh ended at once: It ended with a signal.'],
])('%j ends at once', async (command, message) => {
  const started = bindBackend(packaged('tmux'), rig.machine).start(
    { name: 'it', command, kind: 'terminal', options: {} },
    () => {},
  );
  await expect(started).rejects.toMatchObject({ code: 'application-exited', message });
  await nothingLeft(rig);
});
