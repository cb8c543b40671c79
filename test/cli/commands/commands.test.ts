import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { ActionJson, ErrorJson, HostsJson, ListJson } from '../../../src/cli/json.ts';
import type { Snapshot } from '../../../src/protocol/api.ts';
import { type FakeRequest, fakeAgent, temporaryPaths } from '../../client/fake-agent.ts';
import { COLOURS } from '../obeyed.ts';
import { host, sample, session } from '../samples.ts';
import { type Around, hotdesk } from '../shell.ts';

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

type Methods = Readonly<Record<string, unknown>>;

/** An agent that answers by method: a value, or a function of the request. */
async function agentWith(methods: Methods, snapshot: Snapshot = sample()) {
  const all: Methods = { catalogue: snapshot, subscribe: snapshot, 'seat.register': {}, ...methods };
  const agent = await fakeAgent({
    answer: (request: FakeRequest) => {
      const answer = all[request.method];
      return typeof answer === 'function' ? answer(request) : answer;
    },
  });
  cleanups.push(() => agent.close());
  const run = (line: string, around: Partial<Around> = {}) =>
    hotdesk(line.split(' ').filter(Boolean), { paths: agent.paths, ...around });
  const asked = (method: string) =>
    agent.received.filter((m) => m.method === method).map((m) => m.params as Record<string, unknown>);
  return { run, asked, agent };
}

const xterm = session('xterm', 'alpha');
const build = session('build', 'gamma', { backend: 'tmux', localId: '3', kind: 'terminal' });
const viewer = {
  ...{ id: 'v1', ref: xterm.ref, hostKey: 'k-alpha', backend: 'xpra', localId: '100', seat: ':7' },
  ...{ since: 1, state: 'shown' },
};
const display = { env: { DISPLAY: ':7' } };

describe('list', () => {
  it('asks every host, or the one that is named', async () => {
    const { run, asked } = await agentWith({});
    expect((await run('list')).stdout).toContain('alpha  xterm  xpra');
    const one = await run('list gamma.local');
    expect(one.stdout).toContain('build');
    expect(one.stdout).not.toContain('xterm');
    expect(asked('catalogue')).toMatchObject([{ look: 'auto' }, { look: 'auto', host: 'gamma.local' }]);
  });

  it('has the JSON that is documented', async () => {
    const { run } = await agentWith({});
    const { stdout, stderr } = await run('list --json');
    expect(ListJson.parse(JSON.parse(stdout)).sessions.map((s) => s.ref)).toEqual([
      'xpra:100@alpha',
      'tmux:3@gamma',
    ]);
    expect(stderr).toBe('');
    const { hosts } = HostsJson.parse(JSON.parse((await run('hosts --json')).stdout));
    expect(hosts.map((h) => h.name)).toEqual(['here', 'alpha', 'gamma']);
  });

  it('says what to try when there is nothing', async () => {
    const { run } = await agentWith({}, sample({ sessions: [] }));
    expect(await run('list')).toMatchObject({
      code: 0,
      stdout: '',
      stderr: expect.stringContaining('hotdesk start'),
    });
    expect(await run('list -q')).toMatchObject({ code: 0, stdout: '', stderr: '' });
  });

  it('fits the terminal, and colours only there', async () => {
    const long = session('n'.repeat(100), 'alpha', { title: 't' });
    const { run } = await agentWith({}, sample({ sessions: [long] }));
    const narrow = await run('list', { columns: 40 });
    const plain = narrow.stdout.split('\n').map((line) => line.replaceAll(COLOURS, ''));
    expect(Math.max(...plain.map((line) => line.length))).toBeLessThanOrEqual(40);
    expect(narrow.stdout).toContain('\u{1b}[1m');
    const colourless = await run('list', { columns: 40, env: { NO_COLOR: '1' } });
    expect(colourless.stdout).not.toContain('\u{1b}');
    expect((await run('list')).stdout).toContain('n'.repeat(100));
  });

  it('names the hosts there are when none has that name', async () => {
    const { run } = await agentWith({});
    const { code, stderr } = await run('list nosuch');
    expect(code).toBe(3);
    expect(stderr).toContain('There is: here, alpha, gamma');
  });
});

describe('a seat', () => {
  it('is registered by every call under a display, before anything opens there', async () => {
    const { run, agent } = await agentWith({ attach: { session: xterm, viewer } });
    await run('list', display);
    expect((await run('attach xterm', display)).stdout).toContain('xterm@alpha is shown here');
    const methods = agent.received.map((m) => m.method).filter(Boolean);
    expect(methods).toEqual(['seat.register', 'catalogue', 'seat.register', 'prompts.attend', 'attach']);
    expect(agent.received.at(-1)?.params).toMatchObject({ ref: 'xterm', mode: 'take', seat: ':7' });
  });

  it('that does not answer is the error of what needs it', async () => {
    const refused = { error: { code: 'no-seat', message: 'The display :7 does not answer.' } };
    const { run, asked } = await agentWith({ 'seat.register': refused, attach: {} });
    expect(await run('list', display)).toMatchObject({ code: 0, stderr: '' });
    expect(await run('attach xterm', display)).toMatchObject({
      code: 3,
      stderr: expect.stringContaining('does not answer'),
    });
    expect(asked('attach')).toEqual([]);
  });
});

describe('start', () => {
  it('shows the application at this seat', async () => {
    const { run, asked } = await agentWith({ start: { session: xterm, viewer, timings: { shown: 5 } } });
    const { stdout, stderr } = await run('start alpha -v -o quality=80 -- xterm -e top', display);
    expect(asked('start')).toEqual([
      {
        host: 'alpha',
        command: ['xterm', '-e', 'top'],
        options: { quality: '80' },
        attach: true,
        seat: ':7',
      },
    ]);
    expect(stdout).toContain('is shown here');
    expect(stderr).toContain('shown 5 ms');
    const json = ActionJson.parse(JSON.parse((await run('start alpha --json -- xterm', display)).stdout));
    expect(json).toMatchObject({ session: { ref: 'xpra:100@alpha' }, viewer: { seat: ':7' } });
  });

  it('starts it only, without a seat or with --no-attach, and says how to see it', async () => {
    const { run, asked } = await agentWith({ start: { session: xterm } });
    expect((await run('start alpha -- xterm')).stdout).toContain('hotdesk attach xterm@alpha');
    await run('start alpha --no-attach --backend tmux --name build --cwd /srv -- make', display);
    expect(asked('start')).toMatchObject([
      { attach: false },
      { attach: false, backend: 'tmux', name: 'build', cwd: '/srv' },
    ]);
    expect(asked('start')[1]).not.toHaveProperty('seat');
  });

  it('keeps a terminal session for the terminal, with a display too', async () => {
    const profiles = [
      { name: 'tmux', title: 't', file: 'f', kinds: ['terminal'], can: ['start'], steals: 'shares' },
    ];
    const { run, asked } = await agentWith({ start: { session: build }, 'profiles.list': { profiles } });
    await run('start alpha --backend tmux -- make', { ...display, columns: 80 });
    await run('start alpha', { ...display, columns: 80 });
    await run('start alpha -- xterm', { ...display, columns: 80 });
    expect(asked('start').map((p) => p.seat)).toEqual([undefined, undefined, ':7']);
    expect(asked('start').every((p) => p.attach)).toBe(true);
  });
});

describe('attach and move', () => {
  it('ask without a seat first in a terminal, and give the seat to what needs it', async () => {
    const needsSeat = ({ params }: FakeRequest) =>
      params.seat ? { session: xterm, viewer } : { error: { code: 'no-seat', message: 'Needs a display.' } };
    const { run, asked } = await agentWith({ attach: needsSeat, move: needsSeat });
    const terminal = { ...display, columns: 80 };
    expect(await run('attach xterm --read-only', terminal)).toMatchObject({ code: 0 });
    expect(asked('attach').map((p) => p.seat)).toEqual([undefined, ':7']);
    expect(asked('attach')[0]).toMatchObject({ mode: 'readonly' });
    expect(await run('move xterm', terminal)).toMatchObject({ code: 0 });
    expect(await run('move xterm', { columns: 80 })).toMatchObject({ code: 3 });
  });

  it('say where a terminal session can be seen when here is neither', async () => {
    const { run } = await agentWith({ attach: { session: build, wantsTerminal: true } });
    const { code, stderr } = await run('attach build');
    expect(code).toBe(3);
    expect(stderr).toContain('hotdesk attach build');
  });

  it('move --to hands it to the agent alone', async () => {
    const { run, asked } = await agentWith({ move: { session: xterm } });
    expect((await run('move xterm --to gamma', display)).stdout).toBe('xterm@alpha is shown at gamma.\n');
    expect(asked('move')).toEqual([{ ref: 'xterm', options: {}, to: 'gamma' }]);
  });
});

describe('migrate', () => {
  it('says where it runs now, and what did not go as it should', async () => {
    const { run, asked } = await agentWith({ migrate: { session: xterm, why: 'It is not shown at beta.' } });
    const done = await run('migrate xterm --to alpha --limit 0.5', display);
    expect(done).toMatchObject({ code: 0, stdout: `xterm runs on alpha now (${xterm.ref}).\n` });
    expect(done.stderr).toContain('It is not shown at beta.');
    expect(asked('migrate')).toEqual([{ ref: 'xterm', to: 'alpha', relaunch: false, limit: 500_000 }]);
  });

  it('--relaunch is shown here, and names what goes on', async () => {
    const { run, asked } = await agentWith({ migrate: { session: xterm } });
    const { stdout } = await run('migrate other --to alpha --relaunch', display);
    expect(stdout).toContain('hotdesk stop other');
    expect(asked('migrate')).toEqual([{ ref: 'other', to: 'alpha', relaunch: true, seat: ':7' }]);
  });

  it('refuses what makes no sense', async () => {
    const { run, asked } = await agentWith({ migrate: { session: xterm } });
    expect((await run('migrate xterm')).code).toBe(2);
    expect((await run('migrate xterm --to alpha --limit fast')).code).toBe(2);
    expect((await run('migrate xterm --to alpha --limit 1 --relaunch', display)).code).toBe(2);
    expect(asked('migrate')).toEqual([]);
  });
});

describe('stop', () => {
  const methods = { info: { session: xterm, facts: {} }, stop: { session: xterm } };

  it('wants --yes where nobody can be asked', async () => {
    const { run, asked } = await agentWith(methods);
    expect(await run('stop xterm')).toMatchObject({ code: 2, stderr: expect.stringContaining('--yes') });
    const json = await run('stop xterm --json', { columns: 80 });
    expect(ErrorJson.parse(JSON.parse(json.stdout)).error.code).toBe('confirmation-needed');
    expect(asked('stop')).toEqual([]);
    expect(await run('stop xterm --yes')).toMatchObject({ code: 0, stdout: 'xterm on alpha has ended.\n' });
  });

  it('asks on a terminal, and takes only a yes for a yes', async () => {
    const { run, asked } = await agentWith(methods);
    for (const input of ['n\n', '\n', 'yep\n']) {
      expect(await run('stop xterm', { columns: 80, input })).toMatchObject({ code: 130 });
    }
    expect(asked('stop')).toEqual([]);
    expect(await run('stop xt', { columns: 80, input: 'y\n' })).toMatchObject({ code: 0 });
    // The session that was asked about, not whatever the prefix means by now.
    expect(asked('stop')).toEqual([{ ref: 'xpra:100@alpha' }]);
  });
});

describe('rename', () => {
  const methods = { info: { session: xterm, facts: {} }, rename: { session: { ...xterm, name: 'report' } } };

  it('says how it is called then, and asks on a terminal alone', async () => {
    const { run, asked } = await agentWith(methods);
    expect(await run('rename xterm report')).toMatchObject({
      code: 0,
      stdout: 'It is called report on alpha now.\n',
    });
    expect(JSON.parse((await run('rename xterm report --json')).stdout)).toMatchObject({ version: 1 });
    expect(await run('rename xterm')).toMatchObject({ code: 2 });
    expect(asked('rename')).toHaveLength(2);
    expect(await run('rename xterm', { columns: 80, input: '\n' })).toMatchObject({ code: 130 });
    expect(await run('rename xt', { columns: 80, input: 'a b\n' })).toMatchObject({
      code: 0,
      stderr: expect.stringContaining('New name of xterm on alpha:'),
    });
    expect(asked('rename').at(-1)).toEqual({ ref: 'xpra:100@alpha', name: 'a b' });
  });
});

describe('trust', () => {
  const key = { host: 'alpha', type: 'ssh-ed25519', fingerprint: 'SHA256:abc', state: 'unknown' };
  const record = { ...key, state: 'known' };

  it('records nothing that nobody has confirmed', async () => {
    const { run, asked } = await agentWith({
      'trust.scan': { ...key, advertAgrees: true },
      'trust.record': record,
    });
    expect(await run('trust alpha')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('SHA256:abc'),
    });
    expect(await run('trust alpha --fingerprint SHA256:other')).toMatchObject({ code: 5 });
    const no = await run('trust alpha', { columns: 80, input: 'n\n' });
    expect(no.stdout).toContain('a claim, no proof');
    expect(asked('trust.record')).toEqual([]);
    expect(await run('trust alpha --fingerprint SHA256:abc')).toMatchObject({ code: 0 });
    expect(await run('trust alpha', { columns: 80, input: 'yes\n' })).toMatchObject({ code: 0 });
    expect(asked('trust.record')).toEqual(Array(2).fill({ host: 'alpha', fingerprint: 'SHA256:abc' }));
  });

  it.each(['changed', 'revoked'])('refuses a %s key even with its fingerprint', async (state) => {
    const { run, asked } = await agentWith({ 'trust.scan': { ...key, state } });
    expect(await run('trust alpha --fingerprint SHA256:abc')).toMatchObject({ code: 5 });
    expect(asked('trust.record')).toEqual([]);
  });

  it('says what an authority in known_hosts does for the key', async () => {
    const certificate = 'vouched for by certificate authority SHA256:ca from /k line 3';
    const vouched = await agentWith({ 'trust.scan': { ...record, certificate } });
    expect((await vouched.run('trust alpha')).stdout).toContain(`SHA256:abc), ${certificate}.`);
    expect(vouched.asked('trust.record')).toEqual([]);
    const why = 'Its certificate has expired.';
    const expired = await agentWith({ 'trust.scan': { ...key, certificate: why } });
    expect((await expired.run('trust alpha', { columns: 80, input: 'n\n' })).stdout).toContain(why);
    for (const state of ['changed', 'revoked']) {
      const { run } = await agentWith({ 'trust.scan': { ...key, state, certificate: why } });
      expect((await run('trust alpha')).stderr).toContain(why);
    }
  });

  it('warns of an advert that names another key', async () => {
    const { run } = await agentWith({ 'trust.scan': { ...key, advertAgrees: false } });
    expect((await run('trust alpha', { columns: 80, input: 'n\n' })).stdout).toContain('ANOTHER key');
  });
});

describe('thumbnail', () => {
  it('writes a picture, never over another file unasked', async () => {
    const { folder, remove } = temporaryPaths();
    cleanups.push(remove);
    const named = session('../e vil', 'alpha');
    const { run } = await agentWith({
      thumbnail: { session: named, png: Buffer.from('png!').toString('base64') },
    });
    expect(await run('thumbnail x', { cwd: folder })).toMatchObject({ code: 0, stdout: 'e-vil.png\n' });
    expect(readFileSync(join(folder, 'e-vil.png'), 'utf8')).toBe('png!');
    expect(await run('thumbnail x', { cwd: folder })).toMatchObject({ code: 2 });
    expect(await run('thumbnail x --force', { cwd: folder })).toMatchObject({ code: 0 });
    expect(await run('thumbnail x -O -')).toMatchObject({ stdout: 'png!' });
    expect(existsSync(join(folder, '..', 'e-vil.png'))).toBe(false);
  });

  it('prints a terminal’s screen, its colours only on a terminal', async () => {
    const { run } = await agentWith({
      thumbnail: { session: build, text: '\u{1b}[31mred\u{1b}[0m\u{1b}[2J\n\n' },
    });
    expect((await run('thumbnail build')).stdout).toBe('red [2J\n');
    expect((await run('thumbnail build', { columns: 80 })).stdout).toBe('\u{1b}[31mred\u{1b}[0m [2J\n');
  });
});

describe('hosts add and remove', () => {
  it('change the setting', async () => {
    const settings = [{ key: 'hosts', value: [{ name: 'nas', target: 'nas' }], default: [], doc: 'd' }];
    const set = ({ params }: FakeRequest) => ({ ...settings[0], value: JSON.parse(String(params.value)) });
    const { run, asked } = await agentWith({ 'config.list': { path: 'p', settings }, 'config.set': set });
    expect(await run('hosts add attic --ssh me@10.0.0.7')).toMatchObject({ code: 0 });
    expect(await run('hosts remove nas')).toMatchObject({ code: 0 });
    expect(await run('hosts remove attic')).toMatchObject({
      code: 3,
      stderr: expect.stringContaining('nas'),
    });
    expect(asked('config.set').map((p) => JSON.parse(String(p.value)))).toEqual([
      [
        { name: 'nas', target: 'nas' },
        { name: 'attic', target: 'me@10.0.0.7' },
      ],
      [],
    ]);
  });
});

describe('config', () => {
  it('gets parts of a setting by dots', async () => {
    const settings = [{ key: 'profileOptions', value: { xpra: { speaker: true } }, default: {}, doc: 'd' }];
    const { run } = await agentWith({ 'config.list': { path: 'p', settings } });
    expect((await run('config get profileOptions.xpra.speaker')).stdout).toBe('true\n');
    expect((await run('config get profileOptions')).stdout).toBe('{"xpra":{"speaker":true}}\n');
    expect(await run('config get nosuch')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('profileOptions'),
    });
  });
});

describe('doctor', () => {
  const checks = (state: string) => ({
    checks: [{ name: 'avahi', state, detail: 'It is off.', hint: 'Switch it on.' }],
  });

  it('ends with 0 only if nothing failed', async () => {
    const warned = await (await agentWith({ doctor: checks('warning') })).run('doctor');
    expect(warned).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/warning +avahi +It is off\.\n +→ Switch it on\./u),
    });
    expect(await (await agentWith({ doctor: checks('failed') })).run('doctor alpha')).toMatchObject({
      code: 1,
    });
  });

  it('names commands by the path that works, where hotdesk is not in PATH', async () => {
    const failed = {
      checks: [{ name: 'login', state: 'failed', detail: 'No.', hint: 'Do `hotdesk trust alpha`.' }],
    };
    const around = { callName: './bin/hotdesk.js' };
    const { run } = await agentWith({ doctor: failed }, { ...sample(), sessions: [] });
    expect((await run('doctor alpha', around)).stdout).toContain('Do `./bin/hotdesk.js trust alpha`.');
    expect((await run('list nobody', around)).stderr).toContain('See `./bin/hotdesk.js hosts`');
    expect((await run('list', around)).stderr).toContain('Start one: `./bin/hotdesk.js start');
  });

  it('still says something when no agent can be started', async () => {
    const { paths, remove } = temporaryPaths();
    cleanups.push(remove);
    const { code, stdout } = await hotdesk(['doctor'], { paths, env: { PATH: '/nonexistent' } });
    expect(code).toBe(1);
    expect(stdout).toMatch(/FAILED +agent +/u);
    expect(stdout).toMatch(/warning +tmux +not installed/u);
  });
});

describe('setup', () => {
  it('knows its steps, and says so in its help', async () => {
    const { run } = await agentWith({});
    const { stdout } = await run('setup --help');
    expect(stdout).toContain('Steps: machine, host, trust, login, key, backends, agent, proof.');
    expect(stdout).toContain('hotdesk setup --undo alpha');
    expect(await run('setup alpha --skip machine --skip nonsense')).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/no step “nonsense”[\s\S]*There is: machine, host/u),
    });
  });

  it('asks nobody where nobody is, and takes no half a fingerprint', async () => {
    const { run } = await agentWith({});
    expect(await run('setup --undo')).toMatchObject({ code: 2 });
    expect(await run('setup alpha --host-key SHA256:abc')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('--host-key takes a SHA256 fingerprint'),
    });
    expect(await run('setup alpha --password-stdin --yes')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('no password on standard input'),
    });
  });
});

describe('agent', () => {
  it('status and stop never start one', async () => {
    const { paths, remove } = temporaryPaths();
    cleanups.push(remove);
    expect(await hotdesk(['agent', 'status'], { paths })).toMatchObject({
      code: 1,
      stdout: expect.stringContaining('No agent'),
    });
    expect(await hotdesk(['agent', 'stop'], { paths })).toMatchObject({
      code: 0,
      stdout: 'No agent was running.\n',
    });
    expect(existsSync(paths.log)).toBe(false);
  });

  it('log shows the JSON lines of the agent for people, and hides what a terminal obeys', async () => {
    const { paths, folder, remove } = temporaryPaths();
    cleanups.push(remove);
    const line = { level: 40, time: '2026-01-01T00:00:00Z', msg: 'odd\u{1b}[2J name', host: 'x', n: 1 };
    const file = join(folder, 'log');
    writeFileSync(file, `{}\n${JSON.stringify(line)}\nplain\n`);
    const { stdout } = await hotdesk(['agent', 'log', '-n', '2'], { paths: { ...paths, log: file } });
    expect(stdout).toBe('2026-01-01T00:00:00Z warn  odd [2J name host=x n=1\nplain\n');
    expect(await hotdesk(['agent', 'log', '-n', 'x'], { paths })).toMatchObject({ code: 2 });
  });
});

describe('errors', () => {
  it('give code, message, hint and candidates, to people and to scripts', async () => {
    const error = {
      code: 'ambiguous',
      message: 'Two of them.',
      hint: 'Say which.',
      candidates: ['a@x', 'a@y'],
    };
    const { run } = await agentWith({ info: { error } });
    const { code, stdout, stderr } = await run('info a --json');
    expect(code).toBe(3);
    expect(ErrorJson.parse(JSON.parse(stdout)).error).toEqual(error);
    expect(stderr).toBe('hotdesk: Two of them.\n  It could be: a@x, a@y\nSay which.\n');
  });

  it('show an application’s own words line by line, and not more than fit', async () => {
    const message = ['It ended at once.', ...Array.from({ length: 50 }, (_, i) => `line ${i}\u{1b}[2J`)].join(
      '\n',
    );
    const { run } = await agentWith({ info: { error: { code: 'application-exited', message } } });
    const { code, stderr } = await run('info a');
    expect(code).toBe(6);
    expect(stderr.split('\n').length).toBeLessThan(25);
    expect(stderr).toContain('  line 3 [2J');
  });

  it.each([
    ['lst', /Unknown command 'lst'\.\nDid you mean list\?/u],
    ['list --jsno', /Did you mean --json\?/u],
    ['attach', /Missing required argument 'session'\.\nSee `hotdesk attach --help`/u],
    ['start alpha xterm -e top', /follow `--`/u],
    ['start alpha -k game', /app, desktop, terminal/u],
    ['start alpha -o =x', /NAME=VALUE/u],
  ])('`hotdesk %s` says what is wrong with it', async (line, expected) => {
    const { run, agent } = await agentWith({});
    const { code, stdout, stderr } = await run(line);
    expect(code).toBe(2);
    expect(stderr).toMatch(expected);
    expect(stdout).toBe('');
    expect(agent.received).toEqual([]);
  });

  it('of the command line are JSON too when asked for', async () => {
    const { run } = await agentWith({ start: { session: xterm } });
    expect(ErrorJson.parse(JSON.parse((await run('attach --json')).stdout)).error.code).toBe('bad-argument');
    // What follows `--` is the application's.
    expect((await run('start alpha -- x --json --nosuch')).stdout).toMatch(/^xterm runs on alpha/u);
  });
});

describe('help', () => {
  it('lists every command, and none that is hidden', async () => {
    const { run } = await agentWith({});
    const { code, stdout, stderr } = await run('');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    for (const name of [
      'list',
      'hosts',
      'start',
      'attach',
      'detach',
      'move',
      'stop',
      'rename',
      'info',
      'thumbnail',
      'setup',
      'trust',
      'agent',
      'profiles',
      'doctor',
      'config',
      'completion',
    ]) {
      expect(stdout).toMatch(new RegExp(`^  ${name}\\b`, 'mu'));
    }
    expect(stdout).not.toContain('__complete');
    expect((await run('help move')).stdout).toBe((await run('move --help')).stdout);
    expect(await run('--version')).toMatchObject({ code: 0, stdout: '0.1.0\n' });
  });

  it('writes a profile to begin with, and none over another', async () => {
    const { run } = await agentWith({ 'profiles.list': { profiles: [] } });
    const made = await run('profiles new mine --json');
    expect(made.code).toBe(0);
    const { file } = JSON.parse(made.stdout) as { file: string };
    expect(readFileSync(file, 'utf8')).toContain('name: mine\n');
    expect(await run('profiles new mine')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('already'),
    });
    expect((await run('profiles new ../x')).code).toBe(2);
  });

  it('tests a profile, and fails where a step did', async () => {
    const steps = [
      { step: 'detect', state: 'ok', detail: '1.2', ms: 10 },
      { step: 'start', state: 'failed', detail: 'No display is free.', ms: 2340 },
    ];
    const { run, asked } = await agentWith({ 'profiles.list': { profiles: [] }, 'profiles.test': { steps } });
    const { code, stdout } = await run('profiles test vnc --host alpha -- xterm');
    expect(code).toBe(1);
    expect(stdout).toMatch(/start +failed +2\.3 s +No display is free\./u);
    expect(asked('profiles.test')[0]).toMatchObject({
      name: 'vnc',
      host: 'alpha',
      command: ['xterm'],
    });
  });

  it('has examples at every command', async () => {
    const { run } = await agentWith({});
    const { COMMANDS } = await import('../../../src/cli/commands.ts');
    for (const { name, hidden } of COMMANDS) {
      if (!hidden) expect((await run(`${name} --help`)).stdout).toContain('Examples:');
    }
  });
});

it('a name that needs a newer alphabet is a name', async () => {
  const { run } = await agentWith({}, sample({ hosts: [host('здесь', { key: 'k-here' })], sessions: [] }));
  expect((await run('list')).stderr).toContain('hotdesk start здесь');
});
