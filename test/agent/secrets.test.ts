import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { secretsOf } from '../../src/agent/secrets.ts';
import { silentLogger } from '../../src/kernel/log.ts';

const stateDir = mkdtempSync(join(tmpdir(), 'hotdesk-secrets-'));
afterAll(() => rmSync(stateDir, { recursive: true, force: true }));

const account = { user: 'me', host: 'alpha', port: 22 };

function rig() {
  const warned: string[] = [];
  const log = { ...silentLogger, warn: (_fields: object, message: string) => void warned.push(message) };
  // There is no bus at that place, so no keyring.
  const env = { DBUS_SESSION_BUS_ADDRESS: `unix:path=${join(stateDir, 'nobody')}` };
  return { store: secretsOf({ stateDir, env, log }), warned };
}

it('asks no keyring for what was never kept', async () => {
  const { store, warned } = rig();
  expect(await store.get(account, false)).toBeUndefined();
  expect(await store.delete(account)).toBe(false);
  expect(warned).toEqual([]);
});

it('reads the list of this user’s state, and warns where the keyring cannot be had', async () => {
  writeFileSync(join(stateDir, 'keyring.json'), '["me@alpha:22"]');
  const { store, warned } = rig();
  expect(await store.get(account, false)).toBeUndefined();
  expect(warned).toEqual([expect.stringContaining('The keyring cannot be used')]);
  expect(await store.get({ ...account, port: 2222 }, false)).toBeUndefined();
  expect(warned).toHaveLength(1);
});
