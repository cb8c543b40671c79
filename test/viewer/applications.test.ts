import { describe, expect, it } from 'vitest';
import { desktopFileId, listed, shownEntries } from '../../src/viewer/applications.ts';
import { parseEntries } from '../../src/viewer/entries-script.ts';
import { isLocalOnly } from '../../src/viewer/local-only.ts';

const entry = (name: string, ...lines: string[]) =>
  ['[Desktop Entry]', 'Type=Application', `Name=${name}`, 'Exec=app', ...lines].join('\n');
const file = (path: string, text: string, dataDir = '/usr/share') => ({
  file: `${dataDir}/applications/${path}.desktop`,
  dataDir,
  text,
});

describe('the applications of a host', () => {
  it('have ids by their path', () => {
    expect(desktopFileId({ dataDir: '/usr/share', file: '/usr/share/applications/kde4/a/b.desktop' })).toBe(
      'kde4-a-b',
    );
  });

  it('are those of the first data folder, also where that says there is none', () => {
    const found = shownEntries(
      [
        file('a', entry('mine'), '/home/u/.local/share'),
        file('b', entry('x', 'Hidden=true'), '/home/u/.local/share'),
        file('c', 'broken', '/home/u/.local/share'),
        file('a', entry('theirs')),
        file('b', entry('shadowed')),
        file('c', entry('shadowed')),
        file('d', entry('not for menus', 'NoDisplay=true')),
        file('sub/e', entry('below')),
        file('sub-e', entry('same id')),
      ],
      [],
    );
    expect(found.map(({ application }) => [application.id, application.name])).toEqual([
      ['a', 'mine'],
      ['sub-e', 'below'],
    ]);
  });

  it('are listed by name, with the program as it is found, what is not installed left out', () => {
    const entries = shownEntries(
      [
        file('z', entry('ähnlich', 'OnlyShowIn=GNOME')),
        file('y', entry('Zebra', 'TryExec=gone')),
        file('x', entry('beta').replace('Exec=app', 'Exec=game --full')),
        file('nm-connection-editor', entry('Alpha')),
      ],
      [],
    );
    const programs = new Map([
      ['app', 'app'],
      ['game', '/usr/games/game'],
    ]);
    const rows = listed(entries, programs, { desktops: [] });
    expect(rows.map(({ name, command, hidden }) => [name, command.join(' '), hidden])).toEqual([
      ['ähnlich', 'app', 'other-desktop'],
      ['Alpha', 'app', 'local-only'],
      ['beta', '/usr/games/game --full', undefined],
    ]);
    expect(
      listed(entries, programs, { desktops: ['GNOME'] }).find((row) => row.id === 'z')?.hidden,
    ).toBeUndefined();
  });
});

describe('isLocalOnly', () => {
  it.each([
    'nm-connection-editor',
    'gnome-power-panel',
    'xscreensaver-settings',
    'blueman-manager',
    'xfce4-session-logout',
    'xpra-gui',
  ])('%s', (id) => expect(isLocalOnly({ id, categories: [] })).toBe(true));
  it.each([
    'firefox',
    'gnome-terminal',
    'org.gnome.Calculator',
    'gimp',
    'xterm',
    'debian-xterm',
    'network-tool',
  ])('not %s', (id) => expect(isLocalOnly({ id, categories: ['Network', 'Settings'] })).toBe(false));
  it('by category', () => {
    expect(isLocalOnly({ id: 'x', categories: ['Settings', 'HardwareSettings'] })).toBe(true);
    expect(isLocalOnly({ id: 'x', categories: ['HardwareSettings'] })).toBe(false);
  });
});

describe('parseEntries', () => {
  const said = (...lines: string[]) => lines.join('\n');
  it('takes only what stands after the mark', () => {
    const out = said(
      'noise',
      'M desktops ubuntu:GNOME:$(x)',
      'M folder /usr/share',
      'M revision 12-34',
      'M file /usr/share/applications/a.desktop',
      '[Desktop Entry]',
      'Name=M file x',
      'M file /elsewhere/b.desktop',
      'x',
      'M end',
      '',
    );
    expect(parseEntries(out, 'M', '', 'h')).toEqual({
      revision: '12-34',
      desktops: ['ubuntu', 'GNOME'],
      files: [
        {
          file: '/usr/share/applications/a.desktop',
          dataDir: '/usr/share',
          text: '[Desktop Entry]\nName=M file x',
        },
      ],
    });
    expect(parseEntries(out, 'M', '12-34', 'h').files).toBeUndefined();
  });

  it('says so when the end is missing', () => {
    expect(() => parseEntries('M revision 1\n', 'M', '', 'h')).toThrow(
      expect.objectContaining({ code: 'output-unparsable' }),
    );
  });
});
