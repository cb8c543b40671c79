import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import type { Terminal } from '../../src/wizard/wizard.ts';
import { PASSWORD, UID, USER } from '../rigs/servers/account.ts';
import { type Server, startServer } from '../rigs/servers/server.ts';
import { until } from '../rigs/until.ts';
import { ACCEPT, type ClientOptions, client, ROOT, snapshot } from './rig.ts';

const ends: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

const SKIP = ['machine', 'backends', 'proof'] as const;
/** Programs of the test come first; a runtime folder as logind makes it. */
const CONFIG = ['SetEnv PATH=/home/casey/stand-ins:/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin'];
const PAM = [
  'auth required pam_unix.so nodelay',
  'account required pam_unix.so',
  'session required pam_permit.so',
  `session optional pam_exec.so quiet /usr/bin/install -d -m 700 -o ${UID} -g ${UID} /run/user/${UID}`,
];
/** Nothing of a test is told to the network. */
const QUIET = { '.config/hotdesk/config.json': '{"advertise":"off"}' };

/** What systemctl --user does with a unit, by the letter: systemctl(1). */
const SYSTEMCTL = `#!/bin/sh
[ "$1" = --user ] || exit 64
[ -d "$XDG_RUNTIME_DIR" ] || { echo 'Failed to connect to bus' >&2; exit 1; }
units=$HOME/.config/systemd/user
case "$2 $3 $4" in
'show-environment  ' | 'daemon-reload  ') exit 0 ;;
'enable --now hotdesk.service')
  ln -s "$units/$4" "$units/default.target.wants/$4" || exit 1
  command=$(sed -n 's/^ExecStart=//p' "$units/$4")
  eval "setsid $command </dev/null >/dev/null 2>&1 &"
  echo $! >"$XDG_RUNTIME_DIR/unit.pid" ;;
'disable --now hotdesk.service')
  rm -f "$units/default.target.wants/$4"
  kill "$(cat "$XDG_RUNTIME_DIR/unit.pid")" ;;
*) echo "systemctl: $*" >&2; exit 64 ;;
esac
`;
const LOGINCTL = `#!/bin/sh
case $* in
'--no-ask-password enable-linger') touch "$HOME/lingers" ;;
'--no-ask-password disable-linger') rm -f "$HOME/lingers" ;;
*) exit 64 ;;
esac
`;

async function pair(
  programs: Readonly<Record<string, string>> = {},
  more: Partial<ClientOptions> = {},
  config: readonly string[] = [],
) {
  const host = await startServer({ config: [...CONFIG, ...config], pam: PAM, files: QUIET });
  ends.push(() => host.stop());
  for (const [name, text] of Object.entries(programs)) standIn(host, name, text);
  const user = client({ host: host.host, port: host.port, ...more });
  ends.push(() => user.remove());
  return { host, user };
}

function standIn(host: Server, name: string, text: string): void {
  const file = join(host.home, 'stand-ins', name);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
  chmodSync(file, 0o755);
  chownSync(dirname(file), UID, UID);
}

/** xpra writes a file of its own wherever it is asked for anything. */
function withoutXpra(home: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.entries(home).filter(([path]) => !path.startsWith('./.config/xpra/')));
}

/** Runs a command on the host, as its user, by a key that is none of setup's. */
function there(host: Server, command: string): string {
  const options = [
    'StrictHostKeyChecking=no',
    'UserKnownHostsFile=/dev/null',
    'LogLevel=ERROR',
    'IdentitiesOnly=yes',
  ];
  const login = ['-i', host.keyFile, '-p', String(host.port), `${USER}@${host.host}`];
  return spawnSync('ssh', ['-F', 'none', ...options.flatMap((each) => ['-o', each]), ...login, command], {
    encoding: 'utf8',
  }).stdout.trim();
}

const SOCKET = `/run/user/${UID}/hotdesk/agent.sock`;

describe('the agent on the host', () => {
  it.each([
    ['by SFTP', []],
    ['without SFTP', ['Subsystem none /bin/false']],
  ])(
    'is copied %s, runs as a systemd user unit, lingers on a yes, and goes without a trace',
    async (_how, config) => {
      const { host, user } = await pair({ systemctl: SYSTEMCTL, loginctl: LOGINCTL }, {}, config);
      const before = snapshot(host.home);
      const { outcomes } = await user.run({ given: ACCEPT, skip: SKIP });
      expect(outcomes.get('agent')).toMatchObject({ how: 'done' });
      expect(there(host, `test -S ${SOCKET} && echo yes`)).toBe('yes');
      expect(there(host, '.local/bin/hotdesk --version')).toMatch(/^\d+\.\d+/u);
      expect(JSON.parse(there(host, '.local/bin/hotdesk agent status --json'))).toBeTruthy();
      expect(existsSync(join(host.home, 'lingers'))).toBe(true);
      expect(readFileSync(join(host.home, '.config/systemd/user/hotdesk.service'), 'utf8')).toContain(
        'KillMode=process',
      );

      const again = await user.run({ given: ACCEPT, skip: SKIP });
      expect(again.outcomes.get('agent')?.how).toBe('already');

      await user.undo();
      expect(withoutXpra(snapshot(host.home))).toEqual(before);
      await until('the agent has ended', () => there(host, `test -S ${SOCKET} || echo gone`) === 'gone');
    },
  );

  it('starts with the desktop where there is no systemd, runs at once, and goes without a trace', async () => {
    const { host, user } = await pair();
    const before = snapshot(host.home);
    const { outcomes } = await user.run({ given: ACCEPT, skip: SKIP });
    expect(outcomes.get('agent')).toMatchObject({ how: 'done' });
    const entry = readFileSync(join(host.home, '.config/autostart/hotdesk.desktop'), 'utf8');
    expect(entry).toContain('Exec="/home/casey/.local/bin/hotdesk" agent start');
    await user.undo();
    expect(withoutXpra(snapshot(host.home))).toEqual(before);
    await until('the agent has ended', () => there(host, `test -S ${SOCKET} || echo gone`) === 'gone');
  });

  it('that was started by hand is made to come back, and is the same version after that', async () => {
    const { host, user } = await pair({ systemctl: SYSTEMCTL, loginctl: LOGINCTL });
    await user.run({ given: ACCEPT, skip: SKIP });
    const unit = join(host.home, '.config/systemd/user/hotdesk.service');
    rmSync(unit);
    rmSync(join(host.home, '.config/systemd/user/default.target.wants/hotdesk.service'));
    const { outcomes } = await user.run({ given: ACCEPT, skip: SKIP });
    expect(outcomes.get('agent')?.how).toBe('done');
    expect(existsSync(unit)).toBe(true);
    expect(there(host, `test -S ${SOCKET} && echo yes`)).toBe('yes');
  });

  it('is taken back when it does not come up: what was copied before stays in the journal until then', async () => {
    const { host, user } = await pair({
      systemctl: SYSTEMCTL.replace('eval "setsid', 'exit 1; eval "setsid'),
    });
    const before = snapshot(host.home);
    await expect(user.run({ given: ACCEPT, skip: SKIP })).rejects.toMatchObject({ code: 'command-failed' });
    await user.undo();
    expect(withoutXpra(snapshot(host.home))).toEqual(before);
  });
});

/** An installation whose profiles are these, made of tmux's. */
function installationWith(...names: readonly string[]): string {
  const folder = mkdtempSync(join(tmpdir(), 'hd-profiles-'));
  ends.push(() => rmSync(folder, { recursive: true }));
  mkdirSync(join(folder, 'profiles'));
  const tmux = readFileSync(join(ROOT, 'profiles', 'tmux.yaml'), 'utf8');
  const toy = tmux
    .replace(/^name: .*$/mu, 'name: toy')
    .replace(/^( +)programs: .*$/mu, '$1programs: [toy-server]')
    .replace(/^( +)debian: .*$/gmu, '$1debian: apt install toy-server');
  for (const name of names)
    writeFileSync(join(folder, 'profiles', `${name}.yaml`), name === 'toy' ? toy : tmux);
  return folder;
}

/** Puts the program in its place, if root runs it. */
const APT = `#!/bin/sh
[ "$(id -u)" = 0 ] || exit 100
echo "$*" >>/home/casey/apt-said
printf '#!/bin/sh\\necho toy 1.2\\n' >/home/casey/stand-ins/toy-server
chmod 755 /home/casey/stand-ins/toy-server
`;

/** Somebody at a terminal who knows sudo's password. */
function typist(typed: string[]): Terminal {
  return {
    here: async () => 1,
    there: async (open) => {
      const pty = await open({ columns: 80, rows: 24, term: 'dumb' });
      pty.stream.on('data', (chunk: Buffer) => {
        typed.push(chunk.toString());
        if (/password/iu.test(chunk.toString())) pty.stream.write(`${PASSWORD}\n`);
      });
      return (await pty.exited).code;
    },
  };
}

describe('what the host lacks', () => {
  async function lacking(sudoers: string, more: Partial<ClientOptions> = {}) {
    const { host, user } = await pair({ 'apt-get': APT }, { installation: installationWith('toy'), ...more });
    const etc = join(host.dir, 'etc');
    writeFileSync(join(etc, 'os-release'), 'ID=debian\n');
    writeFileSync(join(etc, 'sudoers'), `Defaults !secure_path, !requiretty, lecture=never\n${sudoers}\n`, {
      mode: 0o440,
    });
    writeFileSync(
      join(etc, 'pam.d', 'sudo'),
      'auth required pam_unix.so nodelay\naccount required pam_unix.so\nsession required pam_permit.so\n',
    );
    return { host, user };
  }
  const skip = ['machine', 'agent', 'proof'] as const;
  const said = (host: Server) => readFileSync(join(host.home, 'apt-said'), 'utf8');

  it('is installed by sudo with its own prompt on the terminal', async () => {
    const typed: string[] = [];
    const { host, user } = await lacking('casey ALL=(ALL) ALL', { terminal: typist(typed) });
    const { outcomes } = await user.run({ given: ACCEPT, skip });
    expect(outcomes.get('backends')).toMatchObject({ how: 'done' });
    expect(said(host)).toBe('install -y -- toy-server\n');
    expect(typed.join('')).toMatch(/password/iu);
    const undone = await user.undo();
    expect(JSON.stringify(undone)).toContain('sudo apt-get remove toy-server');
  });

  it('is installed without a terminal where sudo asks nothing; else that is an error with the command', async () => {
    const free = await lacking('casey ALL=(ALL) NOPASSWD: ALL');
    await free.user.run({ given: ACCEPT, skip });
    expect(said(free.host)).toBe('install -y -- toy-server\n');
    const locked = await lacking('casey ALL=(ALL) ALL');
    await expect(locked.user.run({ given: ACCEPT, skip })).rejects.toMatchObject({
      code: 'confirmation-needed',
    });
  });

  it('stays as it is on a no, and is not even offered where another backend does the same', async () => {
    const { host, user } = await lacking('casey ALL=(ALL) NOPASSWD: ALL');
    const no = await user.run({ given: { ...ACCEPT, 'backends.toy': false }, skip });
    expect(no.outcomes.get('backends')?.how).toBe('declined');
    const other = await lacking('casey ALL=(ALL) NOPASSWD: ALL', {
      installation: installationWith('toy', 'tmux'),
    });
    const { outcomes } = await other.user.run({ given: ACCEPT, skip });
    expect(outcomes.get('backends')).toMatchObject({ how: 'already' });
    expect(JSON.stringify(outcomes.get('backends'))).toContain('needed by few: toy.');
    for (const each of [host, other.host]) expect(existsSync(join(each.home, 'apt-said'))).toBe(false);
  });
});
