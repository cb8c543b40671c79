/** The steps of a migration by themselves, with a disk that both sides have: here they are one machine. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { randomId } from '../../src/kernel/ids.ts';
import { splice } from '../../src/kernel/splice.ts';
import type { Backend } from '../../src/profiles/backend.ts';
import { bindBackend } from '../../src/profiles/bind.ts';
import { packaged } from '../contract/packaged.ts';
import { type ContractRig, localRig, nothingLeft, processesOf } from '../contract/rig.ts';
import { until } from '../rigs/until.ts';

const QEMU = ['qemu-system-x86_64', '-machine', 'q35,accel=tcg', '-m', '64', '-nodefaults', '-vga', 'std'];
const DISK = ['-drive', 'file=disk.img,format=raw,if=virtio'];
let rig: ContractRig;
let backend: Backend;

beforeAll(async () => {
  rig = await localRig();
  backend = bindBackend(packaged('spice-vm'), rig.machine);
});
afterEach(async () => {
  for (const session of await mine()) await backend.stop(session.localId);
  await rig.machine.exec(['rm', '-f', join(rig.home, 'disk.img')]);
  await nothingLeft(rig);
});
afterAll(async () => {
  await rig.dispose();
});

const mine = async () => {
  const ours = new Set(processesOf(rig.home));
  return (await backend.list()).filter(({ pid }) => pid !== undefined && ours.has(pid));
};
const start = async (name: string, more: readonly string[] = []) => {
  await rig.machine.exec(['truncate', '-s', '1M', join(rig.home, 'disk.img')]);
  const command = [...QEMU, ...more];
  return backend.start({ name, command, kind: 'vm', options: { grace: 0 } }, () => {});
};
/** What is known of it at the source. */
const described = async (localId: string) => {
  const values = { migrationId: randomId(), localId, limit: '1000000000', source: 'one', target: 'two' };
  return { ...(await backend.migrate('describe', values)), ...values, follow: 'no' };
};
const statusOf = async (localId: string) => (await backend.info(localId)).facts.status;
const marks = () => readdirSync(rig.home).filter((name) => name.startsWith('.hotdesk-'));

test('a machine with a disk goes over, and the disk with it', async () => {
  const session = await start('disky', DISK);
  const facts = await described(session.localId);
  expect(marks()).toHaveLength(1);
  const { socket = '' } = await backend.migrate('receive', facts);
  // What comes is no session before it runs.
  expect((await mine()).map(({ localId }) => localId)).toEqual([session.localId]);
  const { carry = '' } = await backend.migrate('send', facts);
  expect(marks()).toEqual([]);
  const far = await rig.machine.open({ kind: 'unix', path: socket });
  splice(await rig.machine.open({ kind: 'unix', path: carry }), far);
  await until('all of it is there', async () => {
    const { state, why } = await backend.migrate('look', facts);
    if (state === 'failed') throw new Error(why);
    return state === 'sent';
  });
  expect(await statusOf(session.localId)).toBe('postmigrate');
  const { id = '' } = await backend.migrate('take', facts);
  expect(await statusOf(id)).toBe('running');
  // Asked again it says the same; and it cannot be dropped any more.
  expect(await backend.migrate('take', facts)).toMatchObject({ id });
  await expect(backend.migrate('drop', facts)).rejects.toMatchObject({ code: 'session-busy' });
  await backend.migrate('leave', facts);
  await backend.migrate('leave', facts);
  const left = await mine();
  expect(left).toMatchObject([{ localId: id, name: 'disky', state: 'live' }]);
});

test('what was dropped is never taken, and what is called off goes on', async () => {
  const session = await start('kept');
  const facts = await described(session.localId);
  await backend.migrate('receive', facts);
  await backend.migrate('send', facts);
  await backend.migrate('drop', facts);
  await expect(backend.migrate('take', facts)).rejects.toMatchObject({ code: 'start-failed' });
  await expect(backend.migrate('beat', facts)).rejects.toMatchObject({ code: 'start-failed' });
  await backend.migrate('cancel', facts);
  expect(await statusOf(session.localId)).toBe('running');
  // One that somebody else began is not called off, nor left.
  const other = await described(session.localId);
  await backend.migrate('cancel', other);
  await backend.migrate('leave', other);
  expect(await statusOf(session.localId)).toBe('running');
});

test.each([
  ['too much memory', { memory: String(2 ** 50) }, 'MB free'],
  ['an unknown machine', { machine: 'pc-moon-1.0' }, 'pc-moon-1.0'],
  ['a newer QEMU', { version: '99.1' }, 'older than the 99.1'],
  [
    'a disk that is not there',
    { marks: Buffer.from('/nonexistent/.hotdesk-x\0').toString('base64') },
    'disks',
  ],
])('%s is refused where it would come to, and leaves nothing', async (_what, wrong, says) => {
  const session = await start('stays', ['-S']);
  const facts = await described(session.localId);
  await expect(backend.migrate('receive', { ...facts, ...wrong })).rejects.toMatchObject({
    code: 'not-supported',
    message: expect.stringContaining(says),
  });
  expect(await mine()).toHaveLength(1);
});

test('what QEMU itself says cannot be sent is refused before anything is begun', async () => {
  // A virtual FAT disk is one of the devices that block a migration.
  await rig.machine.exec(['mkdir', join(rig.home, 'fat')]);
  const session = await start('blocked', ['-S', '-drive', 'file=fat:rw:fat,format=raw,if=virtio']);
  await expect(described(session.localId)).rejects.toMatchObject({ code: 'not-supported' });
  await backend.stop(session.localId);
  await rig.machine.exec(['rm', '-rf', join(rig.home, 'fat')]);
});
