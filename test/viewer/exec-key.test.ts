import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseExec } from '../../src/viewer/exec-key.ts';

const fields = { name: 'My App', icon: 'my-icon', file: '/usr/share/applications/my.desktop' };

describe('parseExec', () => {
  it.each<[string, string[]]>([
    ['firefox %u', ['firefox']],
    ['/usr/bin/gimp-2.10 %U', ['/usr/bin/gimp-2.10']],
    ['app --new  %F --x', ['app', '--new', '--x']],
    ['app --file=%f', ['app', '--file=']],
    ['app %i %c %k %%', ['app', '--icon', 'my-icon', 'My App', '/usr/share/applications/my.desktop', '%']],
    ['app 100%% "50%%"', ['app', '100%', '50%']],
    ['app %d %D %n %N %v %m', ['app']],
    ['app "a b" "\\"\\`\\$\\\\"', ['app', 'a b', '"`$\\']],
    // A backslash before anything else stays, as in a shell.
    ['app "a\\b"', ['app', 'a\\b']],
    ['app ""', ['app', '']],
    ['app "%f"', ['app', '']],
    ['sh -c \'echo "$HOME"; exec x\'', ['sh', '-c', 'echo "$HOME"; exec x']],
    ['app a\\ b', ['app', 'a b']],
    ['"/opt/My App/app" --flag', ['/opt/My App/app', '--flag']],
    ['env A=1 app', ['env', 'A=1', 'app']],
    // No shell: these are arguments like any other.
    [
      'app $(reboot) `reboot` ; reboot | x > y & *',
      ['app', '$(reboot)', '`reboot`', ';', 'reboot', '|', 'x', '>', 'y', '&', '*'],
    ],
  ])('%s', (exec, argv) => {
    expect(parseExec(exec, fields)).toEqual(argv);
  });

  it('has no --icon without an icon', () => {
    expect(parseExec('app %i', { ...fields, icon: undefined })).toEqual(['app']);
  });

  it.each([
    '',
    '  ',
    '%f',
    '""',
    '-rf /',
    'A=1 app',
    'app "open',
    "app 'open",
    'app %z',
    'app %',
    'app \\',
    'app a\0b',
  ])('refuses %j', (exec) => {
    expect(() => parseExec(exec, fields)).toThrow(expect.objectContaining({ code: 'bad-argument' }));
  });

  it('gives back any argv that was quoted as the specification says', () => {
    const quote = (arg: string) => `"${arg.replace(/(["`$\\])/gu, '\\$1').replaceAll('%', '%%')}"`;
    const program = fc.stringMatching(/^[a-z/][a-z0-9/._ -]{0,20}$/u);
    const arg = fc.string({ unit: 'grapheme', maxLength: 30 }).filter((text) => !text.includes('\0'));
    fc.assert(
      fc.property(program, fc.array(arg, { maxLength: 8 }), (first, rest) => {
        const argv = [first, ...rest];
        expect(parseExec(argv.map(quote).join(' '), fields)).toEqual(argv);
      }),
    );
  });

  it('never lets a field add an argument that its word did not have', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 40 }), (name) => {
        const hostile = { ...fields, name: name.replaceAll('\0', ''), icon: undefined };
        expect(parseExec('app --title=%c %c', hostile)).toHaveLength(3);
      }),
    );
  });
});
