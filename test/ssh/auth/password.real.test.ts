import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { makeKey } from '../../../src/ssh/new-key.ts';
import {
  createPool,
  type Pool,
  type PoolDeps,
  type PromptRequest,
  type SecretStore,
  type SshConnection,
} from '../../../src/ssh/ssh.ts';
import { PASSWORD, USER } from '../../rigs/servers/account.ts';
import { clientOf, NAME, person } from '../../rigs/servers/client.ts';
import { type Reach, reachServer, reachThrough } from '../../rigs/servers/reach.ts';

let reach: Reach | undefined;
const pools: Pool[] = [];

afterEach(async () => {
  await Promise.all(pools.splice(0).map((pool) => pool.close()));
  await reach?.stop();
  reach = undefined;
});

async function serve(started: Promise<Reach>, deps: PoolDeps = {}, methods = 'password'): Promise<Pool> {
  reach = await started;
  const pool = createPool({ ...clientOf(reach, { methods }), ...deps });
  pools.push(pool);
  return pool;
}

const target = { name: NAME };

/** A keyring in memory, which counts how often it is asked. */
function kept(password: string): SecretStore & { asked: number } {
  const store = {
    asked: 0,
    get: async () => {
      store.asked += 1;
      return password;
    },
    set: async () => true,
    delete: async () => true,
  };
  return store;
}

describe('a password in the keyring', () => {
  test('logs in without anybody being asked', async () => {
    const pool = await serve(reachServer(), { secrets: kept(PASSWORD) });
    const connection = await pool.connect(target);
    expect(connection.login).toMatchObject({ method: 'password', label: 'the password in the keyring' });
  });

  test('that is wrong is tried once in the background; a person is asked next', async () => {
    const secrets = kept('not it');
    const pool = await serve(reachServer(), { secrets });
    const refused = { code: 'auth-failed', message: expect.stringContaining('the password in the keyring') };
    await expect(pool.connect(target)).rejects.toMatchObject(refused);
    await expect(pool.connect(target)).rejects.toMatchObject({ code: 'auth-failed' });
    expect(secrets.asked).toBe(1);
    const somebody = person();
    const connection = await pool.connect(target, { prompter: somebody });
    expect(connection.login.label).toBe('a password');
    expect(somebody.asked).toMatchObject([{ kind: 'password', attempt: 1, host: NAME, user: USER }]);
  });
});

describe('who is asked', () => {
  test('one person once, however many want the connection', async () => {
    const pool = await serve(reachServer());
    const [one, two] = [person(), person()];
    // What goes on in the background may come before them or after: it asks nobody, and is in nobody's way.
    const background = pool.connect(target).catch((error: unknown) => error);
    const connections = await Promise.all([one, two].map((prompter) => pool.connect(target, { prompter })));
    expect(connections[0]).toBe(connections[1]);
    await background;
    expect(one.asked.length + two.asked.length).toBe(1);
    // From here on it is there for all.
    expect(await pool.connect(target)).toBe(connections[0]);
  });

  test('the next, where the first one refuses', async () => {
    const pool = await serve(reachServer());
    let refuse: (answers: undefined) => void = () => {};
    const refused = new Promise<undefined>((resolve) => {
      refuse = resolve;
    });
    let somebody: Promise<SshConnection> | undefined;
    const ask = () => {
      // While the first one is asked, the next one comes.
      somebody = pool.connect(target, { prompter: person() });
      setTimeout(() => refuse(undefined), 300);
      return refused;
    };
    const nobody = pool.connect(target, { prompter: { ask } });
    await expect(nobody).rejects.toMatchObject({
      code: 'auth-failed',
      message: expect.stringContaining('Nobody answered.'),
    });
    expect((await somebody)?.isOpen).toBe(true);
  });

  test('for each host on the way, with its name', async () => {
    const pool = await serve(reachThrough(2));
    const somebody = person();
    const connection = await pool.connect(target, { prompter: somebody });
    expect(somebody.asked.map(({ host, on }) => [host, on])).toEqual([
      ['gate1', NAME],
      ['gate2', NAME],
      [NAME, undefined],
    ]);
    expect((await connection.exec(['echo', 'hi'])).stdout.toString()).toBe('hi\n');
  });
});

test('the banner is shown with the question, line by line, and cannot move the cursor', async () => {
  const pool = await serve(reachServer({ banner: 'Authorised\u001b[2J use only.\r\n\r\n\r\nAsk Eve.\n' }));
  const somebody = person();
  await pool.connect(target, { prompter: somebody });
  expect(somebody.asked[0]?.serverMessage).toBe('Authorised [2J use only.\n\nAsk Eve.');
});

test('of a banner of 100 kB the beginning is shown', async () => {
  const pool = await serve(reachServer({ banner: 'All is logged.\n'.repeat(7000) }));
  const somebody = person();
  await pool.connect(target, { prompter: somebody });
  const lines = somebody.asked[0]?.serverMessage?.split('\n') ?? [];
  expect(new Set(lines)).toEqual(new Set(['All is logged.']));
  expect(lines.length).toBeLessThan(100);
});

test('a question is taken back when the server does not wait for its answer', async () => {
  const config = ['LoginGraceTime 2', 'PasswordAuthentication yes', 'UsePAM yes'];
  const pool = await serve(reachServer({ config }));
  let gone = false;
  const prompter = {
    ask: (_request: PromptRequest, signal: AbortSignal) =>
      new Promise<never>((_resolve, reject) => {
        signal.addEventListener('abort', () => {
          gone = true;
          reject(signal.reason);
        });
      }),
  };
  await expect(pool.connect(target, { prompter })).rejects.toMatchObject({
    code: 'timeout',
    message: `${NAME} did not wait for the answer and closed the connection.`,
  });
  expect(gone).toBe(true);
});

test('an answer is in no error', async () => {
  const pool = await serve(reachServer());
  const error = await pool
    .connect(target, { prompter: person('a very wrong secret') })
    .catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({
    code: 'auth-failed',
    message: expect.stringContaining('a password (3 times)'),
  });
  const { message, stack, cause, hint } = error as Error & { hint: string };
  expect(JSON.stringify([message, stack, String(cause), hint])).not.toContain('wrong secret');
});

/** No OpenSSH asks this way; others do (RFC 4252 §8). */
describe('a server that wants a new password by SSH’s own way', () => {
  async function changing(accept: (old: string, fresh: string) => boolean): Promise<Pool> {
    const { ssh2 } = await import('../../../src/ssh/wire/ssh2.ts');
    const { privateText: hostKey, publicLine: publicKey } = await makeKey('host', '');
    const server = new ssh2.Server({ hostKeys: [hostKey] }, (client) => {
      client.on('authentication', (context) => {
        if (context.method !== 'password') return context.reject(['password']);
        context.requestChange('Your password is 90 days old.\r\nIt must go.', (fresh) => {
          if (accept(context.password, fresh)) context.accept();
          else context.reject(['password']);
        });
      });
      client.on('error', () => {});
      client.on('ready', () => client.on('session', (_accept, reject) => reject()));
    });
    const port = await new Promise<number>((resolve) => {
      server.listen(0, '127.0.0.1', () => {
        const address = server.address();
        resolve(typeof address === 'object' && address ? address.port : 0);
      });
    });
    const [type, base64] = publicKey.split(' ');
    const folder = mkdtempSync(join(tmpdir(), 'hd-change-'));
    return serve(
      Promise.resolve({
        host: '127.0.0.1',
        port,
        hostKey: `${type} ${base64}`,
        keyFile: join(folder, 'key'),
        jumps: [],
        server: undefined,
        stop: async () => {
          server.close();
          rmSync(folder, { recursive: true });
        },
      }),
    );
  }

  test('gets it, after two that differ', async () => {
    const seen: string[][] = [];
    const pool = await changing((old, fresh) => seen.push([old, fresh]) > 0);
    const asked: PromptRequest[] = [];
    const answers = [['old secret'], ['new 1', 'new 2'], ['new 3', 'new 3']];
    const connection = await pool.connect(target, {
      prompter: {
        ask: async (request) => {
          asked.push(request);
          return answers.shift();
        },
      },
    });
    expect(connection.login.method).toBe('password');
    expect(seen).toEqual([['old secret', 'new 3']]);
    expect(asked).toMatchObject([
      { kind: 'password' },
      { kind: 'new-password', instruction: 'Your password is 90 days old.\nIt must go.', attempt: 1 },
      { kind: 'new-password', serverMessage: 'The two were not the same.', attempt: 2 },
    ]);
  });
});
