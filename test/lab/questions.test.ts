/** The tray and a host that wants a password: a click asks for it, what goes on in the background never does. */
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { connect } from '../../src/client/client.ts';
import { pathsOf } from '../../src/protocol/paths.ts';
import { AskingClient } from '../../src/tray/asking.ts';
import { LAB_UID } from '../rigs/lab/host.ts';
import { Desk } from '../rigs/lab/hotdesk.ts';
import { Lab } from '../rigs/lab/lab.ts';

const PASSWORD = 'a "$pass" word\\';
let lab: Lab;
let h1: Desk;
let folder: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'hotdesk-questions-'));
  lab = await Lab.up({ hosts: 2, seats: true, sshdConfig: { 2: ['PubkeyAuthentication no'] } });
  h1 = new Desk(lab.host(1));
  await lab.host(2).script('passwd', PASSWORD);
  await h1.ok(['agent', 'start']);
  await h1.ok(['hosts', 'add', 'h2', '--ssh', lab.host(2).ip]);
});
afterAll(async () => {
  await lab?.down();
  rmSync(folder, { recursive: true, force: true });
});

/** What was put to the person so far. */
const questions = () =>
  existsSync(join(folder, 'asked')) ? readFileSync(join(folder, 'asked'), 'utf8') : '';

it('asks for the password when the user clicks, once, and never before', async () => {
  // The agent's socket as it is seen from outside its host.
  const runtime = `/proc/${h1.host.pid}/root/run/user/${LAB_UID}/hotdesk`;
  const paths = pathsOf({ HOME: folder, HOTDESK_RUNTIME_DIR: runtime }, LAB_UID);
  const askpass = join(folder, 'askpass');
  writeFileSync(join(folder, 'password'), PASSWORD);
  writeFileSync(askpass, `#!/bin/sh\nprintf '%s\\n' "$1" >> ${folder}/asked\ncat ${folder}/password\n`);
  chmodSync(askpass, 0o755);
  const clicks = new AskingClient({
    connect: { paths, uid: LAB_UID },
    env: () => ({ PATH: process.env.PATH, SSH_ASKPASS: askpass }),
    has: (program) => program === askpass,
    onFailure: (why) => expect.unreachable(why),
  });
  await clicks.open();
  const background = await connect({ paths, uid: LAB_UID, start: 'never' });
  const apps = () => background.call('apps.list', { host: 'h2' });

  await expect(apps()).rejects.toMatchObject({ code: 'auth-failed' });
  await background.call('catalogue', { look: 'auto', waitMs: 5000 });
  expect(questions()).toBe('');

  const seen = await clicks.client?.call('catalogue', { look: 'none', host: 'h2', waitMs: 0 });
  expect(seen?.hosts.find(({ name }) => name === 'h2')?.state).toBe('agentless');
  expect(questions()).toMatch(/^[^\n]*password[^\n]*\n$/iu);

  // The way is open now, for everything.
  expect((await apps()).revision).toBeTypeOf('string');
  expect(questions().split('\n')).toHaveLength(2);
  clicks.end();
  background.close();
});
