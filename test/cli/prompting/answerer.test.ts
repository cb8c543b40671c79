import { expect, test } from 'vitest';
import { answererOf } from '../../../src/cli/prompting/answerer.ts';

const program = '/opt/ask';
const display = { DISPLAY: ':0', SSH_ASKPASS: program };

test.each([
  ['a terminal', {}, true, { kind: 'terminal' }],
  ['nobody without a terminal or a display', { SSH_ASKPASS: program }, false, { kind: 'nobody' }],
  ['the terminal, where there is a display too', display, true, { kind: 'terminal' }],
  ['the program on a display', display, false, { kind: 'askpass', program }],
  [
    'the program on Wayland',
    { WAYLAND_DISPLAY: 'w', SSH_ASKPASS: program },
    false,
    { kind: 'askpass', program },
  ],
  ['the usual program', { DISPLAY: ':0' }, false, { kind: 'askpass', program: '/usr/bin/ssh-askpass' }],
  [
    'the program, preferred',
    { ...display, SSH_ASKPASS_REQUIRE: 'prefer' },
    true,
    { kind: 'askpass', program },
  ],
  [
    'the terminal where a preferred one has no display',
    { SSH_ASKPASS_REQUIRE: 'prefer' },
    true,
    { kind: 'terminal' },
  ],
  [
    'the program, forced',
    { SSH_ASKPASS: program, SSH_ASKPASS_REQUIRE: 'force' },
    true,
    { kind: 'askpass', program },
  ],
  ['nobody where it is forbidden', { ...display, SSH_ASKPASS_REQUIRE: 'never' }, false, { kind: 'nobody' }],
])('%s', (_title, env, hasTerminal, expected) => {
  expect(answererOf(env, () => hasTerminal)).toEqual(expected);
});
