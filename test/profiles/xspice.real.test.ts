/**
 * Xspice as it is on this system. Where it crashes, as on Debian 12, that is found out before a start, and
 * a start says so and leaves nothing; where it runs, a session starts and ends.
 */
import { readdirSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { bindBackend } from '../../src/profiles/bind.ts';
import { packaged } from '../contract/packaged.ts';
import { type ContractRig, localRig, noteDisplays, nothingLeft } from '../contract/rig.ts';

let rig: ContractRig;

beforeAll(async () => {
  rig = await localRig();
});
afterAll(async () => {
  await rig.dispose();
});

/** Displays of the profile's own range. */
const displays = () => readdirSync('/tmp/.X11-unix').filter((name) => /^X8\d\d$/u.test(name));

test('a trial and a start come to the same end, and nothing is left of either', async () => {
  const before = displays();
  const backend = bindBackend(packaged('xspice'), rig.machine);
  const found = await backend.detect();
  const request = { name: 'it', command: ['xterm'], kind: 'app', options: {} } as const;
  const started = await backend.start(request, () => {}).catch((error: unknown) => error);
  if (found.present) {
    noteDisplays(rig);
    const [session] = await backend.list();
    expect(started).toMatchObject({ localId: session?.localId, name: 'it' });
    await backend.stop(session?.localId ?? '');
  } else {
    expect(found.missing?.message).toMatch(/crashes on this system \(.+\)/u);
    expect(found.missing?.hint).toContain('another backend');
    expect(started).toMatchObject({
      code: 'backend-missing',
      message: expect.stringMatching(/crashes on this system \(.+\): take another backend/u),
    });
  }
  expect(await backend.list()).toEqual([]);
  await nothingLeft(rig);
  expect(displays()).toEqual(before);
});
