/** The profile that `hotdesk profiles new` writes works as it is. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { profileTemplate } from '../../src/cli/profile-template.ts';
import { bindBackend } from '../../src/profiles/bind.ts';
import { parseProfile } from '../../src/profiles/check.ts';
import { type ContractRig, localRig, nothingLeft, withSlow } from '../contract/rig.ts';

let rig: ContractRig;
beforeAll(async () => {
  rig = await localRig();
});
afterAll(async () => {
  await rig.dispose();
});

test('a session of it is started, listed, looked at and stopped, and nothing is left', async () => {
  const backend = bindBackend(parseProfile(profileTemplate('mine'), 'mine.yaml'), rig.machine);
  expect(await backend.detect()).toMatchObject({ present: true });
  const command = ['sh', '-c', 'echo "it\'s here"; exec sleep 600'];
  const session = await backend.start({ name: 'a job', command, kind: 'terminal', options: {} }, () => {});
  expect(await backend.list()).toMatchObject([
    { backend: 'mine', localId: session.localId, name: 'a job', state: 'live' },
  ]);
  const view = {
    mode: 'take',
    options: { lines: 5 },
    viewer: { viewerId: 'v', hostId: '', host: 'h' },
  } as const;
  const endpoint = await backend.endpoint(session.localId, view);
  if (endpoint.kind !== 'pty') throw new Error('a terminal was expected');
  const shown = await rig.machine.exec(['timeout', '1', ...endpoint.argv]);
  expect(shown.stdout.toString()).toBe("it's here\n");
  expect(await backend.thumbnail(session.localId)).toEqual({ kind: 'text', text: "it's here\n" });
  await backend.stop(session.localId);
  expect(await backend.list()).toEqual([]);
  await expect(backend.endpoint(session.localId, view)).rejects.toMatchObject({ code: 'session-gone' });
  await nothingLeft(rig);
});

test('a start that is cancelled before its program has begun leaves nothing', async () => {
  const machine = await withSlow(rig, 'setsid');
  const backend = bindBackend(parseProfile(profileTemplate('mine'), 'mine.yaml'), machine);
  const cancel = new AbortController();
  const request = { name: 'x', command: ['sleep', '600'], kind: 'terminal', options: {} } as const;
  const started = backend.start(request, () => cancel.abort(), cancel.signal);
  await expect(started).rejects.toMatchObject({ code: 'cancelled' });
  await new Promise((resolve) => setTimeout(resolve, 1500));
  await nothingLeft(rig);
});

test('a program that fails is told with its own words', async () => {
  const backend = bindBackend(parseProfile(profileTemplate('mine'), 'mine.yaml'), rig.machine);
  const start = (command: string[]) =>
    backend.start({ name: 'x', command, kind: 'terminal', options: {} }, () => {});
  await expect(start(['no-such-program'])).rejects.toMatchObject({ code: 'application-missing' });
  await expect(start(['sh', '-c', 'echo no moon; exit 3'])).rejects.toMatchObject({
    code: 'application-exited',
    message: expect.stringContaining('no moon'),
  });
  await nothingLeft(rig);
});
