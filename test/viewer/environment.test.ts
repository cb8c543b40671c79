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

test('a terminal looks for its session where the agent found it', () => {
  const own = {
    PATH: '/bin',
    TMUX_TMPDIR: '/run/user/1000',
    SCREENDIR: '/h/.screen',
    TMUX: '/tmp/other,1,0',
  };
  const seat = { id: ':1', kind: 'x11', env: { DISPLAY: ':1' } } as const;
  const { TMUX_TMPDIR, SCREENDIR, TMUX } = viewerEnvironment(own, seat, {});
  expect({ TMUX_TMPDIR, SCREENDIR, TMUX }).toEqual({
    TMUX_TMPDIR: '/run/user/1000',
    SCREENDIR: '/h/.screen',
  });
});
