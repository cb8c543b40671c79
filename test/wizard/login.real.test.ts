/** Logins that want more than a password. */
import { afterEach, expect, it } from 'vitest';
import type { Prompter } from '../../src/ssh/ssh.ts';
import { PASSWORD } from '../rigs/servers/account.ts';
import { type ServerOptions, startServer } from '../rigs/servers/server.ts';
import { ACCEPT, client } from './rig.ts';

const ends: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0)) await end();
});

/** Types the password, and a new one where that is wanted, and from then on. */
function changing(): Prompter {
  let password = PASSWORD;
  return {
    ask: async ({ prompts }) =>
      prompts.map(({ prompt }) => {
        if (/\bnew\b/iu.test(prompt)) password = 'close sesame 42';
        return password;
      }),
  };
}

it.each<[string, ServerOptions, readonly string[]]>([
  [
    'in a terminal, where the server has no questions',
    { expired: true, config: ['KbdInteractiveAuthentication no'] },
    ['password', ...Array.from({ length: 3 }, () => 'keyboard-interactive'), 'password'],
  ],
  [
    'in the login itself, where it has',
    { expired: true, config: ['PasswordAuthentication no'] },
    Array.from({ length: 4 }, () => 'keyboard-interactive'),
  ],
])('an expired password is changed %s, and the rest goes on', async (_how, server, asked) => {
  const host = await startServer({ ...server, keys: [] });
  ends.push(() => host.stop());
  const user = client({ host: host.host, port: host.port, prompter: changing() });
  ends.push(() => user.remove());
  const { outcomes } = await user.run({ given: ACCEPT });
  expect(outcomes.get('login')?.how).toBe('done');
  expect(outcomes.get('key')?.how).toBe('done');
  expect(user.asked).toEqual(asked);
});

it('an account that opens by a key has its expired password changed too', async () => {
  const host = await startServer({ keys: [] });
  ends.push(() => host.stop());
  const user = client({ host: host.host, port: host.port, prompter: changing() });
  ends.push(() => user.remove());
  await user.run({ given: ACCEPT });
  host.expire();
  user.asked.length = 0;
  const { outcomes } = await user.run({ given: ACCEPT });
  expect(outcomes.get('login')?.how).toBe('done');
  expect(user.asked).toEqual(Array.from({ length: 3 }, () => 'keyboard-interactive'));
  expect((await user.run({ given: ACCEPT })).outcomes.get('login')?.how).toBe('already');
});
