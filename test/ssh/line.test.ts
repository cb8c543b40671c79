/** One login over one stream, and what ends it; the logins of real servers are in login.real.test.ts and test/lab/servers. */
import { connect } from 'node:net';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { HotdeskError } from '../../src/kernel/errors.ts';
import { Asker } from '../../src/ssh/auth/asker.ts';
import type { Prompter } from '../../src/ssh/auth/auth.ts';
import { sshString } from '../../src/ssh/auth/blob.ts';
import { AuthChain } from '../../src/ssh/auth/chain.ts';
import type { AuthProvider, Credential, Identity } from '../../src/ssh/auth/provider.ts';
import { type HostKeyCheck, type Line, openLine } from '../../src/ssh/line.ts';
import { makeKey } from '../../src/ssh/new-key.ts';
import { resolveTarget } from '../../src/ssh/ssh-config.ts';
import { ssh2 } from '../../src/ssh/wire/ssh2.ts';
import { type SshServer, type SshServing, startSshServer } from '../rigs/ssh-server.ts';
import { until } from '../rigs/until.ts';

let server: SshServer | undefined;
const rejections: unknown[] = [];
const onRejection = (error: unknown) => rejections.push(error);
beforeEach(() => {
  process.on('unhandledRejection', onRejection);
});
afterEach(() => {
  process.off('unhandledRejection', onRejection);
  server?.stop();
  server = undefined;
  expect(rejections.splice(0)).toEqual([]);
});

interface Login {
  readonly credentials?: readonly Credential[];
  readonly prompter?: Prompter;
  readonly judge?: HostKeyCheck['judge'];
  readonly signal?: AbortSignal;
}

async function logIn(serving: SshServing, login: Login = {}): Promise<{ line: Promise<Line>; asker: Asker }> {
  server = await startSshServer(serving);
  const target = await resolveTarget(server.target, server.environment);
  const socket = connect(target.port, target.hostName);
  const offers = async () => ({ credentials: login.credentials ?? [], notes: [] });
  const provider: AuthProvider = { method: login.credentials?.[0]?.kind ?? 'publickey', offers };
  const asker = new Asker(target, { prompter: login.prompter });
  const check: HostKeyCheck = { algorithms: ['ssh-ed25519'], judge: login.judge ?? (() => undefined) };
  const line = openLine(socket, target, check, new AuthChain(target, [provider], asker), login.signal);
  line.catch(() => {});
  return { line, asker };
}

function key(label: string, identity: Identity): Credential {
  return { kind: 'publickey', label, identity: async () => identity };
}

/** Of ed25519. */
async function goodKey(): Promise<Credential> {
  const made = await makeKey('good', '');
  const parsed = ssh2.utils.parseKey(made.privateText);
  if (parsed instanceof Error) throw parsed;
  const sign = async (data: Buffer) =>
    Buffer.concat([sshString('ssh-ed25519'), sshString(parsed.sign(data) as Buffer)]);
  return key('the good key', { algorithm: 'ssh-ed25519', blob: made.blob, sign });
}

/** Its type is right, and what follows is none of it, as in a file that was cut off. */
const damaged = key('the damaged file', {
  algorithm: 'ssh-rsa',
  blob: Buffer.concat([sshString('ssh-rsa'), Buffer.from([0, 0, 0, 9, 1])]),
  sign: () => Promise.reject(new Error('not to be asked')),
});

it('passes over a key that is none, for the next', async () => {
  const offered: string[] = [];
  const { line } = await logIn(
    {
      login: (attempt) => {
        if (attempt.method === 'none') return attempt.reject(['publickey']);
        offered.push(attempt.method === 'publickey' ? attempt.key.algo : attempt.method);
        attempt.accept();
      },
    },
    { credentials: [damaged, await goodKey()] },
  );
  expect((await line).isOpen()).toBe(true);
  expect(new Set(offered)).toEqual(new Set(['ssh-ed25519']));
});

it('is refused where such a key is all there is, and nothing waits', async () => {
  const { line } = await logIn(
    { login: (attempt) => attempt.reject(['publickey']) },
    { credentials: [damaged] },
  );
  await expect(line).rejects.toMatchObject({
    code: 'auth-failed',
    message: expect.stringContaining('The key of the damaged file is damaged.'),
  });
  await until('the connection is closed', () => server?.open() === 0);
});

it('ends when another host key comes in mid-connection, and says that this is why', async () => {
  const second = await makeKey('second', '');
  const changed = new HotdeskError('host-key-changed', 'It is another one.');
  let first: Buffer | undefined;
  const { line } = await logIn(
    {
      ready: (client) => {
        const other = ssh2.utils.parseKey(second.privateText);
        const { _protocol } = client as unknown as { _protocol: { _hostKeys: Record<string, unknown> } };
        _protocol._hostKeys['ssh-ed25519'] = other;
        client.rekey();
      },
    },
    {
      judge: (shown) => {
        first ??= Buffer.from(shown);
        return first.equals(shown) ? undefined : changed;
      },
    },
  );
  expect(await (await line).closed).toBe(changed);
});

it('trusts a host key once: exchanging the session’s keys asks no more', async () => {
  let judged = 0;
  let again: Promise<void> | undefined;
  const { line } = await logIn(
    {
      ready: (client) => {
        again = new Promise((resolve) => {
          client.rekey(() => resolve());
        });
      },
    },
    {
      judge: () => {
        judged += 1;
        return judged > 1 ? new HotdeskError('host-key-unknown', 'Its certificate has run out.') : undefined;
      },
    },
  );
  const opened = await line;
  await until('it is in', () => again !== undefined);
  await again;
  expect(opened.isOpen()).toBe(true);
});

it('a host key that is not trusted ends it before any way in is tried', async () => {
  const unknown = new HotdeskError('host-key-unknown', 'Nobody knows it.');
  let attempts = 0;
  const { line } = await logIn(
    {
      login: (attempt) => {
        attempts += 1;
        attempt.accept();
      },
    },
    { judge: () => unknown },
  );
  await expect(line).rejects.toBe(unknown);
  await until('the connection is closed', () => server?.open() === 0);
  expect(attempts).toBe(0);
});

it('a question that is out when it is stopped is withdrawn, and its answer goes nowhere', async () => {
  const stop = new AbortController();
  let withdrawn: AbortSignal | undefined;
  let answer: (answers: string[]) => void = () => {};
  const passwords: string[] = [];
  const prompter: Prompter = {
    ask: (_request, signal) => {
      withdrawn = signal;
      return new Promise((resolve) => {
        answer = resolve;
      });
    },
  };
  let asker: Asker | undefined;
  const password: Credential = {
    kind: 'password',
    label: 'a password',
    repeats: false,
    ask: async () =>
      (
        await asker?.ask({ kind: 'password', title: '', prompts: [{ prompt: 'Password:', echo: false }] })
      )?.[0],
  };
  const opening = await logIn(
    {
      login: (attempt) => {
        if (attempt.method === 'password') passwords.push(attempt.password);
        attempt.reject(['password']);
      },
    },
    { credentials: [password], prompter, signal: stop.signal },
  );
  asker = opening.asker;
  await until('somebody is asked', () => withdrawn !== undefined);
  stop.abort();
  await expect(opening.line).rejects.toMatchObject({ code: 'cancelled' });
  expect(withdrawn?.aborted).toBe(true);
  answer(['secret']);
  await until('the connection is closed', () => server?.open() === 0);
  expect(passwords).toEqual([]);
});

it('one that is stopped before it began opens nothing', async () => {
  const { line } = await logIn({}, { signal: AbortSignal.abort() });
  await expect(line).rejects.toMatchObject({ code: 'cancelled' });
  await until('the connection is closed', () => server?.open() === 0);
});

it('closed here, is gone at once for who wants to use it, and within a second for a peer that does not answer', async () => {
  const { line } = await logIn({ ready: (_client, socket) => socket.pause() });
  const opened = await line;
  let at = 0;
  const began = performance.now();
  opened.close();
  opened.close();
  expect(opened.isOpen()).toBe(false);
  expect(
    await opened.closed.then((why) => {
      at = performance.now();
      return why;
    }),
  ).toBeUndefined();
  expect(at - began).toBeLessThan(5000);
});
