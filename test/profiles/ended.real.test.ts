/** How sessions of real backends ended is known, and how they run is not changed by that. */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Session } from '../../src/model/session.ts';
import type { Backend } from '../../src/profiles/backend.ts';
import { bindBackend } from '../../src/profiles/bind.ts';
import { parseProfile } from '../../src/profiles/check.ts';
import { sessionEnd } from '../../src/profiles/ended.ts';
import { type ContractRig, kill, localRig, processesOf } from '../contract/rig.ts';
import { until } from '../rigs/until.ts';

let rig: ContractRig;

beforeEach(async () => {
  rig = await localRig();
});
afterEach(async () => {
  await rig.dispose();
});

function backendOf(name: string): Backend {
  const file = `profiles/${name}.yaml`;
  return bindBackend(parseProfile(readFileSync(file, 'utf8'), file), rig.machine);
}

const start = (backend: Backend, name: string, command: readonly string[]) =>
  backend.start({ name, command, kind: backend.profile.kinds[0] ?? 'app', options: {} }, () => {});

async function gone(backend: Backend, { localId }: Session): Promise<void> {
  await until(
    'it is gone',
    async () => (await backend.list()).every((each) => each.localId !== localId || each.state !== 'live'),
    60_000,
  );
}

const records = () => {
  try {
    return readdirSync(join(rig.home, '.local/state/hotdesk/ended'));
  } catch {
    return [];
  }
};

test('xpra tells exit codes, signals and what was said on stderr', async () => {
  const xpra = backendOf('xpra');
  const failing = await start(xpra, 'failing', [
    'sh',
    '-c',
    'xterm & while [ ! -e "$HOME/go" ]; do sleep 0.1; done; echo "it’s \\033[31mbad" >&2; kill $!; exit 7',
  ]);
  const folder = join(rig.home, '.local/state/hotdesk/ended');
  await rig.machine.exec(['touch', join(rig.home, 'go')]);
  await gone(xpra, failing);
  const end = await sessionEnd(xpra.profile, rig.machine, failing);
  expect(end?.code).toBe(7);
  expect(end?.lines.at(-1)).toMatch(/^it’s (?:\\033)? ?\[31mbad$/u);
  expect(statSync(folder).mode & 0o777).toBe(0o700);
  const killed = await start(xpra, 'killed', ['xterm']);
  const pid = processesOf(rig.home).find((each) => readFileSync(`/proc/${each}/comm`, 'utf8') === 'xterm\n');
  if (pid === undefined) throw new Error('xterm runs');
  kill(pid, 'SIGKILL');
  await gone(xpra, killed);
  expect(await sessionEnd(xpra.profile, rig.machine, killed)).toMatchObject({ signal: 'SIGKILL' });
  const stopped = await start(xpra, 'stopped', ['xterm']);
  await xpra.stop(stopped.localId);
  await gone(xpra, stopped);
  expect(await sessionEnd(xpra.profile, rig.machine, stopped)).toBeUndefined();
  expect(records()).toEqual([]);
}, 180_000);
