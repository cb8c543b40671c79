import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createLogger } from '../../src/agent/logging.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'hd-log-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const file = () => join(folder, 'state/agent.log');
const rows = () =>
  readFileSync(file(), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);

describe('createLogger', () => {
  it.each(['password', 'passphrase', 'cookie', 'ticket'])('never writes a %s', (field) => {
    const log = createLogger(file(), 'debug');
    log.info({ [field]: 'hunter2', user: 'eve' }, 'login');
    log.warn({ request: { [field]: 'hunter2', host: 'alpha' } }, 'login');
    expect(readFileSync(file(), 'utf8')).not.toContain('hunter2');
    expect(rows()).toMatchObject([{ user: 'eve' }, { request: { host: 'alpha' } }]);
  });

  it('is the user’s alone, and knows its levels', () => {
    const log = createLogger(file(), 'warn');
    log.info({}, 'quiet');
    log.error({}, 'loud');
    expect(rows().map((row) => row.msg)).toEqual(['loud']);
    expect(statSync(file()).mode & 0o777).toBe(0o600);
  });

  it('takes an unknown level for info', () => {
    const log = createLogger(file(), 'shout');
    log.debug({}, 'no');
    log.info({}, 'yes');
    expect(rows().map((row) => row.msg)).toEqual(['yes']);
  });
});
