/** What can go wrong with starting a program on a dtach. */
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { localMachine } from '../../src/platform/local-machine.ts';
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

test('a start that is cancelled before its dtach has begun leaves nothing', async () => {
  // In front of the real one.
  const slow = join(rig.home, '.cache', 'slow');
  mkdirSync(slow);
  writeFileSync(join(slow, 'setsid'), '#!/bin/sh\nsleep 0.4\nexec /usr/bin/setsid "$@"\n');
  chmodSync(join(slow, 'setsid'), 0o755);
  const { stdout } = await rig.machine.exec(['env', '-0']);
  const env = Object.fromEntries(
    stdout
      .toString()
      .split('\0')
      .filter(Boolean)
      .map((entry) => [entry.slice(0, entry.indexOf('=')), entry.slice(entry.indexOf('=') + 1)]),
  );
  const machine = localMachine('here', { ...env, PATH: `${slow}:${env.PATH}` });
  const cancel = new AbortController();
  const started = bindBackend(packaged('dtach'), machine).start(REQUEST, () => cancel.abort(), cancel.signal);
  await expect(started).rejects.toMatchObject({ code: 'cancelled' });
});

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
