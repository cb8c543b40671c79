import { join } from 'node:path';
import { expect, test } from 'vitest';
import { resolveTarget } from '../../src/ssh/ssh-config.ts';

test.each([
  ['that is not there', '/nonexistent/ssh'],
  ['that nobody may run', '/dev/null'],
])('with an ssh program %s: its defaults', async (_, ssh) => {
  const home = '/home/nobody-here';
  const environment = { configFile: join(home, '.ssh/config'), home, env: {}, ssh };
  const resolved = await resolveTarget({ name: 'alpha' }, environment);
  expect(resolved).toMatchObject({
    hostName: 'alpha',
    port: 22,
    userKnownHosts: [join(home, '.ssh/known_hosts'), join(home, '.ssh/known_hosts2')],
  });
  expect(resolved.identityFiles).toContain(join(home, '.ssh/id_ed25519'));
});
