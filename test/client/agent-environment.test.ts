import { expect, it } from 'vitest';
import { agentEnvironment } from '../../src/client/agent-environment.ts';

it('keeps what is the user’s, and drops what belongs to one seat or terminal', () => {
  const env = agentEnvironment({
    PATH: '/usr/bin',
    HOME: '/home/u',
    SSH_AUTH_SOCK: '/run/agent',
    XDG_RUNTIME_DIR: '/run/user/1000',
    LANG: 'C.UTF-8',
    UNSET: undefined,
    DISPLAY: ':0',
    WAYLAND_DISPLAY: 'wayland-0',
    XAUTHORITY: '/home/u/.Xauthority',
    DBUS_SESSION_BUS_ADDRESS: 'unix:path=/run/user/1000/bus',
    TMUX: '/tmp/tmux-1000/default,1,0',
    TERM: 'xterm',
    TERM_PROGRAM_VERSION: '1',
    VTE_VERSION: '7000',
    PWD: '/home/u/x',
  });
  expect(env).toEqual({
    PATH: '/usr/bin',
    HOME: '/home/u',
    SSH_AUTH_SOCK: '/run/agent',
    XDG_RUNTIME_DIR: '/run/user/1000',
    LANG: 'C.UTF-8',
  });
});
