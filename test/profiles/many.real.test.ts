/** Fifty sessions of several backends on one host: what listing them costs. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Machine } from '../../src/model/machine.ts';
import { bindBackend } from '../../src/profiles/bind.ts';
import { packaged } from '../contract/packaged.ts';
import { type ContractRig, localRig, processesOf } from '../contract/rig.ts';

const COUNTS: Readonly<Record<string, number>> = { tmux: 13, screen: 13, dtach: 13, vnc: 11 };
/** Of one processor, in seconds. */
const LIMIT = 1;

let rig: ContractRig;
beforeAll(async () => {
  rig = await localRig();
});
afterAll(async () => {
  await rig.dispose();
});

/** A machine that sums up what its commands cost, themselves and all that they start. */
function counting(machine: Machine): { readonly machine: Machine; seconds(): number } {
  let sum = 0;
  const exec: Machine['exec'] = async (argv, options) => {
    const result = await machine.exec(['sh', '-c', '"$@"; times >&2', 'sh', ...argv], options);
    // POSIX times: the shell's own line, then that of its children, each user and system.
    const spent = result.stderr.toString('utf8').trimEnd().split('\n').slice(-2).join(' ');
    for (const [, minutes, seconds] of spent.matchAll(/(\d+)m([\d.]+)s/gu)) {
      sum += Number(minutes) * 60 + Number(seconds);
    }
    return result;
  };
  return { machine: { ...machine, exec }, seconds: () => sum };
}

test('fifty mixed sessions are listed in one pass for less than a second of processor time', async () => {
  for (const [name, count] of Object.entries(COUNTS)) {
    const backend = bindBackend(packaged(name), rig.machine);
    const kind = backend.profile.kinds[0] ?? 'app';
    const command = kind === 'terminal' ? ['sleep', '600'] : ['xterm', '-e', 'sleep', '600'];
    const one = (n: number) => backend.start({ name: `${name}${n}`, command, kind, options: {} }, () => {});
    await Promise.all(Array.from({ length: count }, (_, n) => one(n)));
  }
  const counted = counting(rig.machine);
  const ours = new Set(processesOf(rig.home));
  const lists = await Promise.all(
    Object.keys(COUNTS).map((name) => bindBackend(packaged(name), counted.machine).list()),
  );
  const sessions = lists.flat().filter(({ pid }) => pid !== undefined && ours.has(pid));
  expect(sessions).toHaveLength(50);
  expect(counted.seconds()).toBeGreaterThan(0);
  expect(counted.seconds()).toBeLessThan(LIMIT);
  console.log(`50 sessions listed for ${counted.seconds().toFixed(2)} s`);
});
