import { expect, test } from 'vitest';
import { viewerEnvironment } from '../../src/viewer/environment.ts';

test('a viewer has its seat’s display and nothing of the agent’s desktop or secrets', () => {
  const own = {
    HOME: '/h',
    PATH: '/bin',
    DISPLAY: ':9',
    XAUTHORITY: '/agent',
    SSH_AUTH_SOCK: '/s',
    NODE_OPTIONS: 'x',
    TOKEN: 't',
  };
  const seat = {
    id: ':1',
    kind: 'x11',
    env: { DISPLAY: ':1', LANG: 'de_DE.UTF-8', LD_PRELOAD: '/evil.so' },
  } as const;
  expect(viewerEnvironment(own, seat, { TAG: 'x' })).toEqual({
    HOME: '/h',
    PATH: '/bin',
    DISPLAY: ':1',
    LANG: 'de_DE.UTF-8',
    TAG: 'x',
  });
});
