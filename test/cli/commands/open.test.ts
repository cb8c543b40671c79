/** What is read, what is refused before anybody is asked, and when a file with a ticket goes. */
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { session } from '../samples.ts';
import { agentWith, display } from './agent-with.ts';

const shown = { session: session('winxp', 'me', { backend: 'console', localId: '7', kind: 'console' }) };
const look = { name: 'winxp', host: 'vm.example', leftOut: [] as string[], once: false };

let cwd = '';
beforeEach(() => {
  cwd = mkdtempSync(join(tmpdir(), 'hd-open-'));
  writeFileSync(join(cwd, 'a.vv'), '[virt-viewer]\n');
});
afterEach(() => rmSync(cwd, { recursive: true }));

const here = () => ({ ...display, cwd });
const textOf = (params: Record<string, unknown> | undefined) =>
  Buffer.from(String(params?.data), 'base64').toString();

describe('a file', () => {
  it('is sent as it is, shown at this seat, and what it was not obeyed in is told first', async () => {
    const { run, asked } = await agentWith({
      'console.look': { ...look, leftOut: ['usb'] },
      'console.open': shown,
    });
    const { code, stdout, stderr } = await run('open a.vv', here());
    expect({ code, stdout }).toEqual({ code: 0, stdout: 'winxp is shown here (console:7@me).\n' });
    expect(stderr).toContain('Left out: usb.');
    expect(textOf(asked('console.look')[0])).toBe('[virt-viewer]\n');
    expect(asked('console.open')).toMatchObject([{ seat: ':7', data: asked('console.look')[0]?.data }]);
    expect(existsSync(join(cwd, 'a.vv'))).toBe(true);
  });

  it('that is to be read once goes when it is shown, and stays where it could not be', async () => {
    const once = { ...look, once: true };
    const missing = { error: { code: 'viewer-missing', message: 'No viewer is installed.' } };
    const failing = await agentWith({ 'console.look': once, 'console.open': missing });
    expect((await failing.run('open a.vv', here())).code).not.toBe(0);
    expect(existsSync(join(cwd, 'a.vv'))).toBe(true);
    const { run } = await agentWith({ 'console.look': once, 'console.open': shown });
    expect((await run('open a.vv', here())).code).toBe(0);
    expect(existsSync(join(cwd, 'a.vv'))).toBe(false);
  });

  it('that is not there, or is none, is told by its name, and the agent is not asked', async () => {
    const { run, asked } = await agentWith({});
    mkdirSync(join(cwd, 'folder.vv'));
    expect(await run('open b.vv', here())).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('b.vv is not there.'),
    });
    expect(await run('open folder.vv', here())).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('folder.vv is no file.'),
    });
    expect([asked('console.look'), asked('console.host')]).toEqual([[], []]);
  });

  it('larger than any is cut to what the agent refuses', async () => {
    writeFileSync(join(cwd, 'a.vv'), 'x'.repeat(200_000));
    const { run, asked } = await agentWith({ 'console.look': look, 'console.open': shown });
    await run('open a.vv', here());
    expect(textOf(asked('console.look')[0])).toHaveLength(64 * 1024 + 1);
  });

  it('is taken for one though a host has its name', async () => {
    writeFileSync(join(cwd, 'office'), 'full address:s:x\r\n');
    const { run, asked } = await agentWith({ 'console.look': look, 'console.open': shown });
    await run('open office', here());
    expect(asked('console.look')).toHaveLength(1);
    expect(asked('console.host')).toEqual([]);
  });
});

describe('a URL', () => {
  it.each(['spice://me:secret@vm:5900', 'vnc://vm:5900?password=secret', 'spice://vm?a=1&password=x'])(
    'with a password (%s) is refused on the command line, where every user sees it',
    async (url) => {
      const { run, agent } = await agentWith({});
      expect(await run(`open ${url}`, here())).toMatchObject({
        code: 2,
        stderr: expect.stringContaining('hotdesk open -'),
      });
      expect(agent.received).toEqual([]);
    },
  );

  it('without one is what is opened, and there is no file to remove', async () => {
    const { run, asked } = await agentWith({
      'console.look': { ...look, once: true },
      'console.open': shown,
    });
    expect((await run('open spice://vm:5900', here())).code).toBe(0);
    expect(textOf(asked('console.look')[0])).toBe('spice://vm:5900');
  });
});

describe('a host', () => {
  const unknown = { error: { code: 'host-key-unknown', message: 'Its certificate is not known yet.' } };

  it('is shown by RDP at this seat', async () => {
    const { run, asked } = await agentWith({ 'console.host': shown });
    expect((await run('open office', here())).code).toBe(0);
    expect(asked('console.host')).toEqual([{ host: 'office', options: {}, seat: ':7' }]);
  });

  it('that nobody knows could have been a file', async () => {
    const error = { code: 'unknown-host', message: 'No.', candidates: ['office'] };
    const { run } = await agentWith({ 'console.host': { error } });
    expect(await run('open offcie', here())).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/neither a file nor a host[\s\S]*office/u),
    });
  });

  it('is not trusted by a script, and by a person only who says yes', async () => {
    const key = {
      ...{ host: 'office', type: 'RDP certificate', fingerprint: 'aa:bb', state: 'unknown', isRdp: true },
    };
    let isTrusted = false;
    const methods = {
      'console.host': () => (isTrusted ? shown : unknown),
      'trust.scan': key,
      'trust.record': () => {
        isTrusted = true;
        return { ...key, state: 'known' };
      },
    };
    const { run, asked } = await agentWith(methods);
    expect((await run('open office', here())).stderr).toContain('not known yet');
    expect((await run('open office', { ...here(), columns: 80, input: 'n\n' })).code).not.toBe(0);
    expect(asked('trust.record')).toEqual([]);
    const agreed = await run('open office', { ...here(), columns: 80, input: 'y\n' });
    expect(agreed).toMatchObject({ code: 0, stdout: expect.stringContaining('winxp is shown here') });
    expect(asked('trust.record')).toEqual([{ host: 'office', fingerprint: 'aa:bb', rdp: true }]);
  });
});
