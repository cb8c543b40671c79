import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { hostEnvironment, localMachine } from '../../src/platform/local-machine.ts';
import { keysElsewhere } from '../../src/ssh/ssh.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'hotdesk-sshd-'));
  mkdirSync(join(folder, 'sshd_config.d'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const look = () => keysElsewhere(localMachine('nas', hostEnvironment(process.env)), { user: 'ann', folder });

it('names the file in which sshd looks', async () => {
  writeFileSync(join(folder, 'sshd_config'), 'Include x\nauthorizedkeysfile /etc/ssh/keys/%u /etc/%%/more\n');
  expect(await look()).toMatchObject({
    code: 'auth-failed',
    message: expect.stringContaining('/etc/ssh/keys/ann and /etc/%/more'),
    hint: expect.stringContaining('ssh-keygen'),
  });
});

it('takes the first value, that of an included file before the rest', async () => {
  writeFileSync(
    join(folder, 'sshd_config.d', '10.conf'),
    '# AuthorizedKeysFile a\nAuthorizedKeysFile=/first',
  );
  writeFileSync(join(folder, 'sshd_config'), 'AuthorizedKeysFile .ssh/authorized_keys\n');
  expect((await look())?.message).toContain('/first');
});

it('says where no file is heeded', async () => {
  writeFileSync(join(folder, 'sshd_config'), 'AuthorizedKeysFile none\n');
  expect((await look())?.message).toContain('AuthorizedKeysFile none');
});

it.each([
  ['nothing can be read', undefined],
  ['nothing is said', 'Port 22\n'],
  ['the usual file is among them', 'AuthorizedKeysFile /etc/keys %h/.ssh/authorized_keys\n'],
  ['it is said of some logins only', 'Match User bob\nAuthorizedKeysFile /etc/keys\n'],
])('says nothing where %s', async (_, text) => {
  if (text !== undefined) writeFileSync(join(folder, 'sshd_config'), text);
  expect(await look()).toBeUndefined();
});
