/** One way to log in at one server: what comes of it, as data. */
import { execFile } from 'node:child_process';
import { chmodSync } from 'node:fs';
import { createServer } from 'node:net';
import { dirname, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { type ErrorCode, HotdeskError } from '../../../src/kernel/errors.ts';
import { createPool, keysIgnored, type SshConnection } from '../../../src/ssh/ssh.ts';
import { PASSWORD, USER } from '../../rigs/servers/account.ts';
import { clientOf, NAME, person } from '../../rigs/servers/client.ts';
import type { Reach } from '../../rigs/servers/reach.ts';
import type { Method, Probe, Row } from './rows.ts';

/** Whether ssh itself lets the client in by its key, asking nobody. */
export async function sshGetsIn(row: Row, reach: Reach): Promise<boolean> {
  const { configFile = '' } = clientOf(reach, {
    methods: 'publickey',
    config: row.config,
    known: row.known?.(reach),
  });
  const argv = ['-F', configFile, '-o', 'BatchMode=yes', '-o', 'StrictHostKeyChecking=yes', NAME, 'true'];
  return new Promise((resolve, reject) => {
    execFile('ssh', argv, (error, _stdout, stderr) => {
      if (!error) resolve(true);
      else if (/Host key verification failed/u.test(stderr)) resolve(false);
      else reject(new Error(`ssh: ${stderr}`, { cause: error }));
    });
  });
}

/** An error as a user sees it, without what differs from run to run. */
export interface Said {
  readonly code: ErrorCode;
  readonly message: string;
  readonly hint?: string;
}

export interface Cell {
  readonly login: 'in' | Said;
  /** How often somebody was asked for something, and for what. */
  readonly asked: readonly string[];
  readonly afterwards: Readonly<Partial<Record<Probe, 'works' | Said>>>;
  /** Until the login had succeeded or failed. */
  readonly ms: number;
}

/** Logs in by `method`, and tries what the row names. */
export async function tryCell(row: Row, reach: Reach, method: Method): Promise<Cell> {
  const environment = clientOf(reach, {
    methods: row.before ? `${row.before},${method}` : method,
    config: row.config,
    known: row.known?.(reach),
  });
  const pool = createPool(environment);
  const prompter = person(row.password ?? PASSWORD);
  const began = performance.now();
  let took = 0;
  const said = async <T>(work: () => Promise<T>, ok: 'in' | 'works') => {
    try {
      await work();
      return ok;
    } catch (error) {
      return saidBy(error, reach, environment.home ?? '');
    }
  };
  try {
    let connection: SshConnection | undefined;
    const login = await said(async () => {
      connection = await pool.connect({ name: NAME }, { prompter });
    }, 'in');
    took = performance.now() - began;
    const asked = prompter.asked.map(
      ({ kind, prompts }) => `${kind}: ${prompts.map((p) => p.prompt).join(' ')}`,
    );
    const afterwards: Partial<Record<Probe, 'works' | Said>> = {};
    if (connection) {
      for (const probe of Object.keys(row.afterwards ?? { command: 'works' }) as Probe[]) {
        const open = connection;
        afterwards[probe] = (await said(() => PROBE[probe](open, reach), 'works')) as 'works' | Said;
      }
    }
    return { login: login as 'in' | Said, asked, afterwards, ms: Math.round(took) };
  } finally {
    await pool.close();
  }
}

function saidBy(error: unknown, reach: Reach, home: string): Said {
  if (!(error instanceof HotdeskError)) throw error;
  const plain = (words: string) =>
    words
      .replaceAll(join(dirname(home), 'known_hosts'), '~/.ssh/known_hosts')
      .replaceAll(reach.keyFile, '~/.ssh/id_ed25519')
      .replaceAll(`[${reach.host}]:${reach.port}`, '[192.0.2.1]:2222')
      .replace(/SHA256:[\w+/]{43}/gu, 'SHA256:…')
      // As OpenSSH 9.8 and later say it.
      .replaceAll('Not allowed at this time', 'Exceeded MaxStartups');
  return {
    code: error.code,
    message: plain(error.message),
    ...(error.hint === undefined ? {} : { hint: plain(error.hint) }),
  };
}

/** Each resolves when it has worked as it should, and rejects with a HotdeskError when the user is told why not. */
const PROBE: Readonly<Record<Probe, (connection: SshConnection, reach: Reach) => Promise<void>>> = {
  command: async (connection) => {
    const { stdout, stderr } = await connection.exec(['sh', '-c', 'printf "a\\0b"; echo err >&2']);
    same(`${stdout}|${stderr}`, 'a\0b|err\n');
  },
  terminal: async (connection) => {
    const terminal = await connection.pty(['echo', 'hi'], { columns: 80, rows: 24, term: 'xterm' });
    same(await text(terminal.stream), 'hi\r\n');
  },
  unix: async (connection, reach) => {
    const path = join(dirname(reach.keyFile), `echo-${process.pid}.sock`);
    await withEcho(path, async () => {
      chmodSync(path, 0o777);
      const stream = await connection.open({ kind: 'unix', path });
      stream.end('hi');
      same(await text(stream), 'hi');
    });
  },
  tcp: async (connection) => {
    await withEcho(undefined, async (port) => {
      const stream = await connection.open({ kind: 'tcp', host: '127.0.0.1', port });
      stream.end('hi');
      same(await text(stream), 'hi');
    });
  },
  sessions: async (connection) => {
    const runs = Array.from({ length: 6 }, (_, i) => connection.exec(['sh', '-c', `sleep 0.2; echo ${i}`]));
    same((await Promise.all(runs)).map((run) => run.stdout.toString()).join(''), '0\n1\n2\n3\n4\n5\n');
  },
  sftp: async (connection) => {
    const sftp = await connection.sftp();
    same((await sftp.realpath('.')) ?? '', `/home/${USER}`);
    sftp.end();
  },
  keys: async (connection) => {
    const why = await keysIgnored(connection, USER);
    if (why) throw why;
  },
};

function same(actual: string, expected: string): void {
  if (actual !== expected) throw new Error(`“${actual}”, and not “${expected}”`);
}

/** A server that echoes, at `path` or on a free port. */
async function withEcho(path: string | undefined, work: (port: number) => Promise<void>): Promise<void> {
  const server = createServer({ allowHalfOpen: true }, (socket) => socket.on('error', () => {}).pipe(socket));
  await new Promise<void>((resolve) =>
    path === undefined ? server.listen(0, '127.0.0.1', resolve) : server.listen(path, resolve),
  );
  const address = server.address();
  try {
    await work(typeof address === 'object' && address ? address.port : 0);
  } finally {
    server.close();
  }
}
