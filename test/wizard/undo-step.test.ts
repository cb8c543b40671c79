/** What is taken back, in which order, and what stays; against real hosts in key.real.test.ts and agent.real.test.ts. */
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { HotdeskError } from '../../src/kernel/errors.ts';
import { makeKey } from '../../src/ssh/new-key.ts';
import type { Pool, SshConnection } from '../../src/ssh/ssh.ts';
import type { Change } from '../../src/wizard/changes/change.ts';
import { sha256 } from '../../src/wizard/changes/undo-files.ts';
import type { Place, Visit } from '../../src/wizard/deps.ts';
import { undoStep } from '../../src/wizard/undo-step.ts';
import type { StepId } from '../../src/wizard/wizard.ts';
import { FACTS, visitOf } from './steps/visit.ts';

const MINE = 'me@alpha';
const OTHER = 'me@beta';

let visit: Visit;
let home: string;
let remove: () => void;
beforeEach(() => {
  const made = visitOf({ facts: FACTS });
  const place = { id: MINE, name: 'alpha', target: { name: 'alpha' } } as Place;
  visit = Object.assign(made.visit, { place });
  home = made.visit.here.home;
  remove = made.remove;
});
afterEach(async () => {
  await visit.pool.close();
  remove();
});

async function made(host: string, step: StepId, change: Change): Promise<void> {
  await visit.journal.made(await visit.journal.begin(host, step, change));
}

async function left(host: string): Promise<string[]> {
  return (await visit.journal.entries(host)).map(({ change }) =>
    'path' in change ? change.path : change.kind,
  );
}

const undo = (step: StepId, signal = new AbortController().signal) => undoStep(visit, step, () => {}, signal);

/** A key pair as setup makes it for MINE, installed on both hosts. */
async function sharedKey() {
  const key = await makeKey('mine', '');
  const file = join(home, '.ssh', 'id_ed25519');
  mkdirSync(join(home, '.ssh'));
  const texts = { [file]: key.privateText, [`${file}.pub`]: `${key.publicLine}\n` };
  for (const [path, text] of Object.entries(texts)) {
    writeFileSync(path, text, { mode: 0o600 });
    await made(MINE, 'key', { kind: 'file', where: 'here', path, sha256: sha256(Buffer.from(text)) });
  }
  await made(OTHER, 'key', {
    ...{ kind: 'lines', where: 'there', path: '/home/me/.ssh/authorized_keys' },
    ...{ lines: [key.publicLine], newline: false, existed: true },
  });
  return { file, blob: key.blob.toString('base64') };
}

it('a key that opens another host stays, also where its public file has been deleted since', async () => {
  const { file } = await sharedKey();
  rmSync(`${file}.pub`);
  const lines = await undo('key');
  expect(existsSync(file)).toBe(true);
  expect(lines.map(({ text }) => text)).toContain(`${file} stays: ${OTHER} was set up with it too.`);
  expect(await left(MINE)).toEqual([]);
  expect(await left(OTHER)).toContain(file);
});

it('a key in the ssh-agent that opens another host stays there, and goes with that one', async () => {
  const { blob } = await sharedKey();
  await made(MINE, 'key', { kind: 'loaded-key', blob, socket: join(home, 'agent') });
  const lines = await undo('key');
  expect(lines.map(({ text }) => text)).toContain(
    `The key in the ssh-agent stays: ${OTHER} was set up with it too.`,
  );
  expect(await left(OTHER)).toContain('loaded-key');
});

it('a key that nobody else uses goes', async () => {
  const { file } = await sharedKey();
  for (const entry of await visit.journal.entries(OTHER)) await visit.journal.undone(entry.id);
  await undo('key');
  expect(existsSync(file)).toBe(false);
  expect(existsSync(`${file}.pub`)).toBe(false);
  expect(await visit.journal.entries()).toEqual([]);
});

it('over a connection that broke meanwhile nothing is tried: another one is made', async () => {
  const dead = { name: 'alpha', isOpen: false, close: () => {} } as unknown as SshConnection;
  const commands: string[] = [];
  const exec = async (argv: readonly string[]) => {
    commands.push(argv.join(' '));
    // To the look at the host: its home folder.
    return { code: 0, stdout: Buffer.from('hotdesk-far:home=/home/me\n'), stderr: Buffer.alloc(0) };
  };
  const anew = { name: 'alpha', isOpen: true, exec, close: () => {} } as unknown as SshConnection;
  const pool = { connect: async () => anew, close: async () => {} } as unknown as Pool;
  visit = Object.assign(visit, { connection: dead, pool });
  if (visit.far) visit.far = { ...visit.far, connection: dead };
  await made(MINE, 'agent', { kind: 'tree', where: 'there', path: '/home/me/.local/share/hotdesk' });
  await undo('agent');
  expect(commands).toContain('rm -rf -- /home/me/.local/share/hotdesk');
  expect(await left(MINE)).toEqual([]);
});

it('what is there goes first, then what is here, the last change first, files before their folders', async () => {
  const order: string[] = [];
  const folder = join(home, 'made');
  const file = join(folder, 'file');
  mkdirSync(folder);
  writeFileSync(file, '');
  await made(MINE, 'agent', { kind: 'empty-file', where: 'here', path: file });
  await made(MINE, 'agent', { kind: 'agent', program: '/home/me/hotdesk' });
  await made(MINE, 'agent', { kind: 'folder', where: 'here', path: folder });
  await made(MINE, 'agent', { kind: 'linger' });
  await made(MINE, 'agent', { kind: 'packages', where: 'here', remove: 'apt-get remove x' });
  await made(MINE, 'key', { kind: 'host', name: 'alpha' });
  const { undone } = visit.journal;
  const entries = await visit.journal.entries();
  visit.journal.undone = async (id) => {
    order.push(entries.find((entry) => entry.id === id)?.change.kind ?? '');
    await undone.call(visit.journal, id);
  };
  await undo('agent');
  expect(order).toEqual(['linger', 'agent', 'packages', 'empty-file', 'folder']);
  expect(existsSync(folder)).toBe(false);
  // Of another step.
  expect(await left(MINE)).toEqual(['host']);
});

it('what cannot be taken back is in the journal still, with all that comes after it', async () => {
  const exec = async () => ({ code: 1, stdout: Buffer.alloc(0), stderr: Buffer.alloc(0) });
  Object.assign(visit.connection ?? {}, { exec });
  await made(MINE, 'agent', { kind: 'packages', where: 'here', remove: 'x' });
  await made(MINE, 'agent', { kind: 'tree', where: 'there', path: '/home/me/a' });
  await expect(undo('agent')).rejects.toMatchObject({ code: 'unsafe-file' });
  expect(await left(MINE)).toEqual(['packages', '/home/me/a']);
});

it('an agent that could not be ended is not said to have ended, and the rest goes', async () => {
  const stderr = Buffer.from('sh: 1: /home/me/hotdesk: not found\n');
  const exec = async () => ({ code: 127, stdout: Buffer.alloc(0), stderr });
  Object.assign(visit.connection ?? {}, { exec });
  await made(MINE, 'agent', { kind: 'packages', where: 'here', remove: 'x' });
  await made(MINE, 'agent', { kind: 'agent', program: '/home/me/hotdesk' });
  const lines = await undo('agent');
  expect(lines[0]).toMatchObject({ kind: 'warning', text: expect.stringContaining('not found') });
  expect(lines.map(({ text }) => text).join()).not.toContain('has ended');
  expect(await left(MINE)).toEqual([]);
});

it('when it is stopped, nothing more is taken back', async () => {
  await made(MINE, 'agent', { kind: 'packages', where: 'here', remove: 'x' });
  const stopped = new HotdeskError('cancelled', 'Stopped.');
  await expect(undo('agent', AbortSignal.abort(stopped))).rejects.toBe(stopped);
  expect(await left(MINE)).toEqual(['packages']);
});
