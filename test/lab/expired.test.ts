/** Passwords that have expired and are changed in a terminal, by passwd(1) of a real server. */
import { afterEach, expect, test } from 'vitest';
import { createPool, PasswordExpired, type Pool } from '../../src/ssh/ssh.ts';
import { PASSWORD } from '../rigs/servers/account.ts';
import { clientOf, NAME, NEW_PASSWORD, type Person, person } from '../rigs/servers/client.ts';
import { type Reach, reachServer } from '../rigs/servers/reach.ts';

let reach: Reach | undefined;
let pool: Pool | undefined;

afterEach(async () => {
  await pool?.close();
  await reach?.stop();
  pool = undefined;
  reach = undefined;
});

async function withExpired(...config: string[]): Promise<Pool> {
  reach = await reachServer({
    expired: true,
    keys: [],
    config: ['KbdInteractiveAuthentication no', ...config],
  });
  pool = createPool(clientOf(reach, { methods: 'password' }));
  return pool;
}

/** Logs in, and is told that nothing runs there. */
async function loggedIn(from: Pool, password = PASSWORD) {
  const connection = await from.connect({ name: NAME }, { prompter: person(password) });
  await expect(connection.exec(['true'])).rejects.toBeInstanceOf(PasswordExpired);
  return connection;
}

test.each([['UsePAM yes'], ['UsePAM no']])(
  'with %s it is changed, and the new one logs in',
  async (config) => {
    const from = await withExpired(config);
    const prompter = person();
    await (await loggedIn(from)).changePassword(prompter);
    expect(prompter.asked.map(({ kind, title }) => `${kind}: ${title}`)).toEqual(
      Array.from({ length: 3 }, () => `keyboard-interactive: The password of casey@${NAME} has expired`),
    );
    // Its own words, and whether what is typed may be seen.
    expect(prompter.asked.map(({ prompts }) => prompts[0]?.prompt)).toEqual([
      expect.stringContaining('urrent password:'),
      expect.stringContaining('New password:'),
      expect.stringContaining('Retype new password:'),
    ]);
    expect(prompter.asked[0]?.instruction).toContain('expired');
    const again = await from.connect({ name: NAME }, { prompter: person(NEW_PASSWORD) });
    expect((await again.exec(['echo', 'in'])).stdout.toString()).toBe('in\n');
  },
);

test('a wrong current password changes nothing, and is said', async () => {
  const from = await withExpired();
  const connection = await loggedIn(from);
  await expect(connection.changePassword(person('open barley'))).rejects.toMatchObject({
    code: 'auth-failed',
    message: expect.stringMatching(/not changed: .*\w/u),
    hint: expect.stringContaining('ssh casey@alpha'),
  });
  connection.close();
  await connection.closed;
  await loggedIn(from);
});

test('nobody who answers changes nothing', async () => {
  const from = await withExpired();
  const connection = await loggedIn(from);
  await expect(connection.changePassword(undefined)).rejects.toMatchObject({
    code: 'auth-failed',
    message: expect.stringContaining('nobody answered'),
  });
  const nobody: Person = { asked: [], ask: async () => undefined };
  await expect(connection.changePassword(nobody)).rejects.toMatchObject({ code: 'auth-failed' });
  connection.close();
  await connection.closed;
  await loggedIn(from);
});

test('a password that has not expired is not taken for a changed one', async () => {
  reach = await reachServer();
  pool = createPool(clientOf(reach, { methods: 'publickey' }));
  const connection = await pool.connect({ name: NAME });
  await expect(connection.changePassword(person())).rejects.toMatchObject({ code: 'auth-failed' });
});
