/** Nobody is locked out, and nobody is asked for nothing: what the servers' own logs say of our logins. */
import { afterEach, describe, expect, test } from 'vitest';
import { createPool, type Pool, type Prompter, type PromptRequest } from '../../src/ssh/ssh.ts';
import { PASSWORD } from '../rigs/servers/account.ts';
import { type Agent, startAgent } from '../rigs/servers/agent.ts';
import { clientOf, NAME, type Person, person } from '../rigs/servers/client.ts';
import { type Reach, reachServer } from '../rigs/servers/reach.ts';
import type { ServerOptions } from '../rigs/servers/server.ts';
import { descendants, signalAll } from '../rigs/sshd/sshd.ts';
import { until } from '../rigs/until.ts';

let reach: Reach | undefined;
let agent: Agent | undefined;
let pool: Pool | undefined;

afterEach(async () => {
  await pool?.close();
  await reach?.stop();
  agent?.stop();
  pool = undefined;
  reach = undefined;
  agent = undefined;
});

/** The server's log after it has begun. */
const log = () => reach?.server?.log() ?? '';
const count = (what: RegExp) => log().match(new RegExp(what, 'gu'))?.length ?? 0;
/** Its log comes to us by a pipe of its own: as many lines, when they are there. */
const logged = async (what: RegExp, times: number) => {
  await until(`${times} times ${what}`, () => count(what) >= times);
  expect(count(what)).toBe(times);
};

/** A client with six keys in its agent, none of which the server knows, and one in a file. */
async function withUselessKeys(config: readonly string[]): Promise<Pool> {
  agent = await startAgent(6);
  reach = await reachServer({ config, keys: [] });
  const methods = 'publickey,password,keyboard-interactive';
  const environment = clientOf(reach, { methods, config: ['IdentitiesOnly no'] });
  pool = createPool({ ...environment, env: { ...environment.env, SSH_AUTH_SOCK: agent.socket } });
  return pool;
}

async function withPasswordAlone(options: ServerOptions = {}): Promise<Pool> {
  reach = await reachServer({ ...options, keys: [] });
  pool = createPool(clientOf(reach, { methods: 'password,keyboard-interactive' }));
  return pool;
}

/** Gives these answers, and then none. */
function answering(...answers: string[]): Person {
  const asked: PromptRequest[] = [];
  return {
    asked,
    ask: async (request) => {
      asked.push(request);
      const answer = answers.shift();
      return answer === undefined ? undefined : request.prompts.map(() => answer);
    },
  };
}

describe('keys that are refused do not stand in the way of the password', () => {
  test.each([1, 2, 3, 6])('MaxAuthTries %i', async (tries) => {
    const connecting = await withUselessKeys([`MaxAuthTries ${tries}`]);
    const prompter = person();
    const connection = await connecting.connect({ name: NAME }, { prompter });
    expect((await connection.exec(['echo', 'in'])).stdout.toString()).toBe('in\n');
    expect(prompter.asked.map(({ kind, attempt }) => `${kind} ${attempt}`)).toEqual(['password 1']);
    await logged(/Accepted password/, 1);
    expect(count(/Failed (?:password|keyboard)/)).toBe(0);
    // One for the login, and no more than two that were spent on keys.
    expect(count(/Connection from/)).toBeLessThanOrEqual(3);
  });

  test('without anybody to ask, it ends after a few connections', async () => {
    const connecting = await withUselessKeys(['MaxAuthTries 1']);
    await expect(connecting.connect({ name: NAME })).rejects.toMatchObject({ code: 'auth-failed' });
    expect(count(/Connection from/)).toBeLessThanOrEqual(3);
    expect(count(/Failed (?:password|keyboard)/)).toBe(0);
  });
});

describe('a wrong password', () => {
  test('costs one prompt and one failure there, and the next one may be right', async () => {
    const connecting = await withPasswordAlone();
    const prompter = answering('open barley', PASSWORD);
    expect((await connecting.connect({ name: NAME }, { prompter })).isOpen).toBe(true);
    expect(prompter.asked).toHaveLength(2);
    await logged(/Accepted/, 1);
    expect(count(/Failed/)).toBe(1);
  });

  test('is not counted twice where PAM locks the account at the second one', async () => {
    const connecting = await withPasswordAlone({
      pam: [
        'auth requisite pam_faillock.so preauth nodelay deny=2 dir=/run/faillock',
        'auth [success=1 default=ignore] pam_unix.so nodelay',
        'auth [default=die] pam_faillock.so authfail nodelay deny=2 dir=/run/faillock',
        'auth required pam_permit.so',
        'account required pam_unix.so',
        'session required pam_permit.so',
      ],
    });
    await expect(
      connecting.connect({ name: NAME }, { prompter: answering('open barley') }),
    ).rejects.toMatchObject({ code: 'auth-failed' });
    // In the background nothing is tried that could be the second one.
    for (let i = 0; i < 3; i += 1) await connecting.connect({ name: NAME }).catch(() => {});
    const right = await connecting.connect({ name: NAME }, { prompter: person() });
    expect(right.isOpen).toBe(true);
    // That server does lock: the count was at one.
    right.close();
    await right.closed;
    for (const password of ['open barley', PASSWORD]) {
      await expect(
        connecting.connect({ name: NAME }, { prompter: answering(password) }),
      ).rejects.toMatchObject({
        code: 'auth-failed',
      });
    }
  });

  test('may be as many as NumberOfPasswordPrompts says, over as many connections as that takes', async () => {
    const connecting = await withPasswordAlone({ config: ['MaxAuthTries 1'] });
    const prompter = answering('one', 'two', PASSWORD);
    expect((await connecting.connect({ name: NAME }, { prompter })).isOpen).toBe(true);
    expect(prompter.asked).toHaveLength(3);
    await logged(/Accepted/, 1);
    expect(count(/Failed/)).toBe(2);
  });
});

describe('in the background', () => {
  test.each([
    ['a password', { config: ['KbdInteractiveAuthentication no'] }],
    ['questions', { config: ['PasswordAuthentication no'] }],
  ])('a host that takes %s is not asked for, and nobody is asked', async (_what, options) => {
    const connecting = await withPasswordAlone(options);
    const prompter = person();
    const first = await connecting.connect({ name: NAME }, { prompter });
    expect(prompter.asked).toHaveLength(1);
    // Its sshd sees us go, and we are not asked to come back.
    signalAll(sessions(), 'SIGKILL');
    expect(await first.closed).toMatchObject({ code: 'connection-lost' });
    for (let i = 0; i < 3; i += 1) {
      await expect(connecting.connect({ name: NAME })).rejects.toMatchObject({
        code: 'auth-failed',
        message: expect.stringContaining('Nobody could be asked'),
      });
    }
    expect(prompter.asked).toHaveLength(1);
    await logged(/Connection from/, 4);
    expect(count(/Failed|Invalid|error: PAM/)).toBe(0);
  });

  test('two that want the same host at once have one question asked', async () => {
    const connecting = await withPasswordAlone();
    const prompters: Prompter[] = [person(), person()];
    const both = await Promise.all(
      prompters.map((prompter) => connecting.connect({ name: NAME }, { prompter })),
    );
    expect(both[0]).toBe(both[1]);
    await logged(/Accepted password/, 1);
    expect(count(/Connection from/)).toBe(1);
  });
});

/** What serves connections: below the sshd, which is pid 1 of its namespace. */
function sessions(): number[] {
  const [listener, ...served] = descendants(reach?.server?.pid ?? 0);
  return listener === undefined ? [] : served;
}
