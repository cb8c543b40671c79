import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { appendFileSync, copyFileSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type ConnectOptions, createPool, type Pool, type PromptRequest } from '../../../src/ssh/ssh.ts';
import { listens } from '../../rigs/listens.ts';
import { keygen, type Sshd, startSshd, until } from '../../rigs/sshd/sshd.ts';

let sshd: Sshd;
let pools: Pool[] = [];
let agent: ChildProcess | undefined;

beforeEach(async () => {
  sshd = await startSshd();
});

afterEach(async () => {
  await Promise.all(pools.map((pool) => pool.close()));
  pools = [];
  agent?.kill();
  agent = undefined;
  await sshd.stop();
});

function newPool(env: Record<string, string> = {}): Pool {
  const pool = createPool({ ...sshd.environment, env });
  pools.push(pool);
  return pool;
}

const connect = (pool: Pool, options: ConnectOptions = {}) =>
  pool.connect({ name: sshd.host, port: sshd.port }, options);

/** The rig's own key is of no use any more. */
function withoutRigKey(): void {
  writeFileSync(join(sshd.dir, 'authorized_keys'), '');
  for (const suffix of ['', '.pub']) rmSync(`${sshd.keyFile}${suffix}`);
}

function authorise(line: string): void {
  appendFileSync(join(sshd.dir, 'authorized_keys'), line);
}

function newKey(name: string, type = 'ed25519', passphrase = ''): string {
  const file = join(sshd.dir, name);
  keygen(file, type, passphrase, name);
  return file;
}

async function startAgent(files: readonly string[]): Promise<string> {
  const socket = join(sshd.dir, 'agent.sock');
  agent = spawn('ssh-agent', ['-D', '-a', socket], { stdio: 'ignore' });
  await until(() => listens(socket), 'the agent listens');
  for (const file of files) {
    execFileSync('ssh-add', ['-q', file], {
      env: { ...process.env, SSH_AUTH_SOCK: socket },
      stdio: 'ignore',
    });
  }
  return socket;
}

/** Answers in turn, and keeps what it was asked. */
function answering(...answers: (string | undefined)[]) {
  const asked: PromptRequest[] = [];
  return {
    asked,
    ask: async (request: PromptRequest) => {
      asked.push(request);
      const answer = answers.shift();
      return answer === undefined ? undefined : [answer];
    },
  };
}

describe('a key file with a passphrase', () => {
  test.each(['ed25519', 'ecdsa', 'rsa'])('%s is asked about once, and stays open', async (type) => {
    const file = newKey('locked', type, 'open sesame');
    withoutRigKey();
    authorise(readFileSync(`${file}.pub`, 'utf8'));
    sshd.configure([`IdentityFile ${file}`]);
    const pool = newPool();
    const prompter = answering('wrong', 'open sesame');
    const first = await connect(pool, { prompter });
    expect(first.login).toMatchObject({ method: 'publickey', label: file });
    expect(prompter.asked).toMatchObject([
      { kind: 'passphrase', subject: file, attempt: 1, attempts: 3, prompts: [{ echo: false }] },
      { attempt: 2 },
    ]);
    first.close();
    await first.closed;
    // In the background now: nobody is there to ask, and nobody need be.
    expect((await connect(pool)).login.label).toBe(file);
  });

  test('is asked about only if the server would take it', async () => {
    const locked = newKey('locked', 'ed25519', 'open sesame');
    rmSync(`${locked}.pub`);
    sshd.configure([`IdentityFile ${locked}`]);
    const prompter = answering('open sesame');
    expect((await connect(newPool(), { prompter })).login.label).toBe(sshd.keyFile);
    expect(prompter.asked).toEqual([]);
  });

  test('is passed over after an empty answer, and the next key has its turn', async () => {
    const locked = newKey('locked', 'ed25519', 'open sesame');
    authorise(readFileSync(`${locked}.pub`, 'utf8'));
    sshd.configure([`IdentityFile ${locked}`]);
    const prompter = answering('');
    expect((await connect(newPool(), { prompter })).login.label).toBe(sshd.keyFile);
    expect(prompter.asked).toHaveLength(1);
  });

  test('in the old format, of which nothing can be read, is asked about at its turn', async () => {
    const file = newKey('old', 'rsa');
    authorise(readFileSync(`${file}.pub`, 'utf8'));
    execFileSync('ssh-keygen', ['-q', '-p', '-m', 'PEM', '-f', file, '-N', 'open sesame', '-P', '']);
    rmSync(`${file}.pub`);
    sshd.configure([`IdentityFile ${file}`]);
    const prompter = answering('open sesame');
    expect((await connect(newPool(), { prompter })).login.label).toBe(file);
    expect(prompter.asked).toHaveLength(1);
  });
});

describe('certificates', () => {
  let authority: string;

  beforeEach(async () => {
    await sshd.stop();
    authority = '';
    sshd = await startSshd({ config: [] });
    authority = newKey('ca');
    withoutRigKey();
    authorise(`cert-authority ${readFileSync(`${authority}.pub`, 'utf8')}`);
  });

  const certify = (file: string) => {
    const { USER = 'root' } = process.env;
    execFileSync('ssh-keygen', [
      '-q',
      '-s',
      authority,
      '-I',
      'me@desk',
      '-n',
      USER,
      '-V',
      '-1m:+5m',
      `${file}.pub`,
    ]);
  };

  test.each(['ed25519', 'ecdsa', 'rsa'])(
    'one beside a %s key logs in where the key alone would not',
    async (type) => {
      const file = newKey('mine', type);
      sshd.configure([`IdentityFile ${file}`]);
      await expect(connect(newPool())).rejects.toMatchObject({ code: 'auth-failed' });
      certify(file);
      const connection = await connect(newPool());
      expect(connection.login).toMatchObject({ method: 'publickey', label: `${file}-cert.pub` });
      expect((await connection.exec(['echo', 'hi'])).stdout.toString()).toBe('hi\n');
      expect(sshd.log()).toContain('ID me@desk');
    },
  );

  test('one of CertificateFile, for a key that opens with a passphrase', async () => {
    const file = newKey('mine', 'ed25519', 'open sesame');
    certify(file);
    copyFileSync(`${file}-cert.pub`, join(sshd.dir, 'elsewhere.pub'));
    rmSync(`${file}-cert.pub`);
    sshd.configure([`IdentityFile ${file}`, `CertificateFile ${join(sshd.dir, 'elsewhere.pub')}`]);
    const connection = await connect(newPool(), { prompter: answering('open sesame') });
    expect(connection.login.label).toBe(join(sshd.dir, 'elsewhere.pub'));
  });

  test.each(['ed25519', 'ecdsa', 'rsa'])(
    'one that the ssh-agent holds, of a key of type %s',
    async (type) => {
      const file = newKey('mine', type);
      certify(file);
      const socket = await startAgent([file]);
      for (const suffix of ['', '.pub', '-cert.pub']) rmSync(`${file}${suffix}`);
      const connection = await connect(newPool({ SSH_AUTH_SOCK: socket }));
      expect(connection.login.label).toBe('certificate me@desk of the ssh-agent');
    },
  );

  test('one beside a key that only the ssh-agent holds', async () => {
    const file = newKey('mine');
    const socket = await startAgent([file]);
    certify(file);
    rmSync(file);
    sshd.configure([`IdentityFile ${file}`]);
    const connection = await connect(newPool({ SSH_AUTH_SOCK: socket }));
    expect(connection.login.label).toBe(`${file}-cert.pub`);
  });
});

test('an ssh-agent that refuses to sign is not the end: the next key has its turn', async () => {
  const file = newKey('held');
  authorise(readFileSync(`${file}.pub`, 'utf8'));
  const socket = await startAgent([]);
  // Asks before each use, and there is nobody to say yes.
  execFileSync('ssh-add', ['-q', '-c', file], {
    env: { ...process.env, SSH_AUTH_SOCK: socket },
    stdio: 'ignore',
  });
  rmSync(file);
  const connection = await connect(newPool({ SSH_AUTH_SOCK: socket }));
  expect(connection.login.label).toBe(sshd.keyFile);
});

test('a fresh login by given keys proves just those, and is shared with nobody', async () => {
  const pool = newPool();
  const shared = await connect(pool);
  const wrong = newKey('wrong');
  await expect(
    connect(pool, { fresh: { methods: ['publickey'], identities: [wrong] } }),
  ).rejects.toMatchObject({ code: 'auth-failed' });
  const right = newKey('right');
  authorise(readFileSync(`${right}.pub`, 'utf8'));
  const proof = await connect(pool, { fresh: { methods: ['publickey'], identities: [right] } });
  expect(proof).not.toBe(shared);
  expect(proof.login).toMatchObject({ method: 'publickey', label: right });
  proof.close();
});

test('a fresh login by one key of the ssh-agent uses no other, however many it holds', async () => {
  const many = Array.from({ length: 20 }, (_, i) => newKey(`held-${i}`));
  const socket = await startAgent(many);
  const blobOf = (file: string) =>
    Buffer.from(readFileSync(`${file}.pub`, 'utf8').split(' ')[1] ?? '', 'base64');
  const [first = '', last = ''] = [many[0], many.at(-1)];
  authorise(readFileSync(`${last}.pub`, 'utf8'));
  const pool = newPool({ SSH_AUTH_SOCK: socket });
  const by = (file: string) => connect(pool, { fresh: { methods: ['publickey'], agentKey: blobOf(file) } });
  await expect(by(first)).rejects.toMatchObject({ code: 'auth-failed' });
  const proof = await by(last);
  expect(proof.login.label).toBe('ssh-ed25519 key held-19 of the ssh-agent');
  proof.close();
});
