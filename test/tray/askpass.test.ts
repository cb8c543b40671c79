import { describe, expect, it } from 'vitest';
import { dialogOf } from '../../src/tray/askpass.ts';

const argv = (
  env: Record<string, string>,
  there: readonly string[],
  text = 'Password for me@alpha:',
  echo = false,
) => dialogOf(env, (program) => there.includes(program))?.(text, echo);

describe('dialogOf', () => {
  it.each<[string, Record<string, string>, string[], string | undefined]>([
    [
      'the user’s own',
      { SSH_ASKPASS: '/opt/ask' },
      ['/opt/ask', '/usr/bin/ssh-askpass', 'zenity'],
      '/opt/ask',
    ],
    ['one that is gone', { SSH_ASKPASS: '/opt/ask' }, ['zenity'], 'zenity'],
    ['ssh-askpass', {}, ['/usr/bin/ssh-askpass', 'zenity'], '/usr/bin/ssh-askpass'],
    ['OpenSSH’s for GNOME', {}, ['/usr/lib/openssh/gnome-ssh-askpass'], '/usr/lib/openssh/gnome-ssh-askpass'],
    ['zenity', {}, ['kdialog', 'zenity'], 'zenity'],
    ['kdialog', {}, ['kdialog'], 'kdialog'],
    ['nothing', {}, [], undefined],
    [
      'nothing by wish',
      { SSH_ASKPASS_REQUIRE: 'never', SSH_ASKPASS: '/opt/ask' },
      ['/opt/ask', 'zenity'],
      undefined,
    ],
  ])('takes %s', (_, env, there, program) => expect(argv(env, there)?.[0]).toBe(program));

  it('asks each in its own way, hidden unless it may be seen', () => {
    expect(argv({ SSH_ASKPASS: '/a' }, ['/a'])).toEqual(['/a', 'Password for me@alpha:']);
    expect(argv({}, ['zenity'])).toEqual([
      ...['zenity', '--entry', '--title=hotdesk', '--text=Password for me@alpha:', '--hide-text'],
    ]);
    expect(argv({}, ['zenity'], 'Code:', true)).not.toContain('--hide-text');
    expect(argv({}, ['kdialog'])).toEqual([
      'kdialog',
      '--title',
      'hotdesk',
      '--password',
      'Password for me@alpha:',
    ]);
    expect(argv({}, ['kdialog'], 'Code:', true)).toContain('--inputbox');
  });

  it('hands on no option, escape or markup', () => {
    const hostile = '--help \\x41 a_b <b>&';
    expect(argv({ SSH_ASKPASS: '/a' }, ['/a'], hostile)?.[1]).toBe('help \\x41 a_b <b>&');
    expect(argv({}, ['zenity'], hostile)?.[3]).toBe('--text=--help \\\\x41 a__b <b>&');
    expect(argv({}, ['kdialog'], hostile)?.at(-1)).toBe('help \\x41 a_b ‹b>＆');
  });
});
