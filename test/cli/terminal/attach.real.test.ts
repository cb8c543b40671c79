/** The program in a real pseudo-terminal (script(1)), lent to a session that this test plays. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type FakeAgent, fakeAgent } from '../../client/fake-agent.ts';
import { until } from '../../rigs/until.ts';
import { type OnDisk, programOnDisk } from '../program-on-disk.ts';
import { sample, session } from '../samples.ts';

const build = session('build', 'gamma', { backend: 'tmux', localId: '3', kind: 'terminal' });
let disk: OnDisk;
let agent: FakeAgent;
let server: Server;
/** The session's end of the raw socket, once the program has connected. */
let tty: Socket | undefined;
let typed = Buffer.alloc(0);
let opened: Record<string, unknown> = {};
let info: unknown;
let screen = '';
let child: ChildProcess | undefined;

beforeAll(async () => {
  disk = await programOnDisk();
});
afterAll(() => disk.remove());

beforeEach(async () => {
  agent = await fakeAgent({
    answer: ({ method }) => {
      switch (method) {
        case 'attach':
          return { session: build, wantsTerminal: true };
        case 'terminal.open':
          return { viewerId: 'v', session: build, ...opened };
        case 'catalogue':
          return sample();
        case 'info':
          return info;
        default:
          return {};
      }
    },
  });
  tty = undefined;
  typed = Buffer.alloc(0);
  screen = '';
  info = { session: build, facts: {} };
  server = createServer((socket) => {
    tty = socket;
    socket.on('error', () => {});
    socket.on('data', (chunk: Buffer) => {
      typed = Buffer.concat([typed, chunk]);
    });
  });
  const path = join(agent.paths.runtimeDir, 'v.tty');
  await new Promise<void>((resolve) => server.listen(path, resolve));
  opened = { socket: path };
});
afterEach(async () => {
  child?.kill('SIGKILL');
  tty?.destroy();
  await new Promise((resolve) => server.close(resolve));
  await agent.close();
});

/** Runs `line` in a terminal, then says the exit code and how the terminal was left. */
function inTerminal(line: string): ChildProcess {
  const command = `stty rows 30 cols 90; ${disk.program} ${line}; echo "code=$?"; stty -a`;
  const env = {
    PATH: process.env.PATH,
    TERM: 'xterm',
    HOME: disk.folder,
    HOTDESK_RUNTIME_DIR: agent.paths.runtimeDir,
  };
  const started = spawn('script', ['-qec', command, '/dev/null'], { env });
  started.stdout.on('data', (chunk: Buffer) => {
    screen += chunk.toString();
  });
  child = started;
  return started;
}

async function lent(): Promise<Socket> {
  return until('the program to connect', () => tty);
}

/** Icanon, echo and isig without a minus: a shell's own settings. */
const COOKED = /\sisig icanon .*\secho\s/su;

describe('a lent terminal', () => {
  it('is raw while the session has it, and as before when the session ends', async () => {
    const program = inTerminal('attach build');
    const socket = await lent();
    expect(agent.received.find((m) => m.method === 'terminal.open')?.params).toMatchObject({
      ...{ ref: build.ref, mode: 'take', columns: 90, rows: 30, term: 'xterm' },
    });
    socket.write('hello from gamma\r\n');
    await until('the bytes to show', () => screen.includes('hello from gamma'));
    // Ctrl-C and Ctrl-Z are for the session.
    program.stdin?.write('ls\r\u0003\u001a');
    await until('the keys to arrive', () => typed.toString() === 'ls\r\u0003\u001a');
    info = { error: { code: 'session-gone', message: 'Gone.' } };
    socket.end();
    await once(program, 'close');
    expect(screen).toContain('build on gamma has ended.');
    expect(screen).toContain('code=0');
    expect(screen).toMatch(COOKED);
  });

  it('says that it was detached, or where it is now', async () => {
    const program = inTerminal('attach build');
    const socket = await lent();
    info = { session: { ...build, watchers: [{ host: 'alpha' }] }, facts: {} };
    socket.end();
    await once(program, 'close');
    expect(screen).toContain('build is shown at alpha now.');

    screen = '';
    tty = undefined;
    info = { session: build, facts: {} };
    const again = inTerminal('attach build');
    (await lent()).end();
    await once(again, 'close');
    expect(screen).toContain('Detached from build; it goes on at gamma.');
  });

  it('is put back when the session leaves it on another screen', async () => {
    const program = inTerminal('attach build');
    const socket = await lent();
    socket.write('\u001b[?1049h\u001b[?25l\u001b[?1006hfull screen');
    await until('the bytes to show', () => screen.includes('full screen'));
    socket.destroy();
    await once(program, 'close');
    for (const sequence of ['\u001b[?1049l', '\u001b[?25h', '\u001b[?1006l'])
      expect(screen).toContain(sequence);
    expect(screen).toMatch(COOKED);
  });

  it('is put back by SIGTERM', async () => {
    const termed = inTerminal('attach build');
    const socket = await lent();
    socket.write('\u001b[?1049hxyz');
    await until('the bytes to show', () => screen.includes('xyz'));
    process.kill(clientPid(termed), 'SIGTERM');
    await once(termed, 'close');
    expect(screen).toContain('\u001b[?1049l');
    expect(screen).toMatch(COOKED);
  });

  it('goes to the session’s own client on this machine, with its environment', async () => {
    opened = { argv: ['sh', '-c', 'test -t 0 && echo "tty $MARK $TERM"'], env: { MARK: 'given' } };
    const program = inTerminal('attach build');
    await once(program, 'close');
    expect(screen).toContain('tty given xterm');
    expect(screen).toContain('code=0');
  });
});

/** The program's own process: the one below `script` that runs node. */
function clientPid(top: ChildProcess): number {
  const parents = new Map<number, number>();
  for (const name of readdirSync('/proc').filter((entry) => /^\d+$/u.test(entry))) {
    try {
      const stat = readFileSync(`/proc/${name}/stat`, 'utf8');
      parents.set(Number(name), Number(stat.replace(/^.*\) /su, '').split(' ')[1]));
    } catch {
      // It has ended meanwhile.
    }
  }
  const isBelow = (pid: number): boolean =>
    pid === top.pid || (parents.has(pid) && isBelow(parents.get(pid) ?? 0));
  const found = [...parents.keys()].find(
    (pid) => isBelow(pid) && readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('cli.cjs\0attach'),
  );
  if (found === undefined) throw new Error('the program does not run');
  return found;
}
