import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Application } from '../../src/model/application.ts';
import { isShownIn, parseDesktopEntry } from '../../src/viewer/desktop-entry.ts';
import { localeKeys } from '../../src/viewer/key-file.ts';

const context = {
  id: 'org.example.App',
  file: '/usr/share/applications/org.example.App.desktop',
  locales: [],
};
const entry = (...lines: string[]) =>
  parseDesktopEntry(['[Desktop Entry]', 'Type=Application', 'Name=App', ...lines].join('\n'), context);

describe('parseDesktopEntry', () => {
  it('takes what hotdesk uses, in the language asked for', () => {
    const text = `[Desktop Entry]
Type=Application
Name=Web Browser
Name[de]=Webbrowser
Comment=Browse
Icon=browser
Exec=browser %i --name %c %u
Path=/opt/browser
Terminal=false
Categories=Network;WebBrowser;
StartupWMClass=Browser
TryExec=browser
OnlyShowIn=GNOME;XFCE;

[Desktop Action new]
Name=New window
Exec=browser --new-window`;
    expect(parseDesktopEntry(text, { ...context, locales: localeKeys('de_AT.UTF-8') })).toEqual({
      noDisplay: false,
      onlyShowIn: ['GNOME', 'XFCE'],
      notShowIn: [],
      tryExec: 'browser',
      application: {
        id: 'org.example.App',
        name: 'Webbrowser',
        comment: 'Browse',
        icon: 'browser',
        categories: ['Network', 'WebBrowser'],
        terminal: false,
        command: ['browser', '--icon', 'browser', '--name', 'Webbrowser'],
        path: '/opt/browser',
        windowClass: 'Browser',
      },
    });
  });

  it('starts what is D-Bus activatable and has no Exec over a bus', () => {
    const command = entry('DBusActivatable=true')?.application.command ?? [];
    expect(command.slice(0, 4)).toEqual(['dbus-run-session', '--', 'sh', '-c']);
    // The script is a constant, the name its argument.
    expect(command.slice(5)).toEqual(['org.example.App']);
    expect(command[4]).not.toContain('org.example');
    // With both, Exec does without a bus.
    expect(entry('DBusActivatable=true', 'Exec=app')?.application.command).toEqual(['app']);
    expect(
      parseDesktopEntry('[Desktop Entry]\nType=Application\nName=A\nDBusActivatable=true', {
        ...context,
        id: '-x',
      }),
    ).toBeUndefined();
  });

  it('leaves out what cannot be started', () => {
    expect(entry('Exec=app', 'Hidden=true')).toBeUndefined();
    expect(entry()).toBeUndefined();
    expect(entry('Exec=app %z')).toBeUndefined();
    expect(parseDesktopEntry('[Desktop Entry]\nType=Link\nName=A\nURL=x\nExec=a', context)).toBeUndefined();
    expect(parseDesktopEntry('[Desktop Entry]\nType=Application\nExec=a', context)).toBeUndefined();
    expect(parseDesktopEntry('nothing of the kind', context)).toBeUndefined();
    expect(entry('Exec=app', 'NoDisplay=true')?.noDisplay).toBe(true);
  });

  it('undoes the escapes of the file before those of Exec', () => {
    expect(entry('Exec=app "\\\\$HOME" a\\sb')?.application.command).toEqual(['app', '$HOME', 'a', 'b']);
  });

  it('makes what is shown safe', () => {
    const made = parseDesktopEntry(
      '[Desktop Entry]\nType=Application\nName=\u202eEvil\u001b[31m\\nName\nExec=a\nPath=relative\nIcon=x\\ny\nStartupWMClass=\u0007',
      context,
    );
    expect(made?.application).toEqual({
      id: 'org.example.App',
      name: 'Evil [31m Name',
      categories: [],
      terminal: false,
      command: ['a'],
    });
  });

  it('gives nothing that its schema refuses, whatever the file', () => {
    const line = fc.tuple(
      fc.constantFrom(
        'Name',
        'Exec',
        'Icon',
        'Path',
        'Categories',
        'Comment',
        'Terminal',
        'StartupWMClass',
        'TryExec',
      ),
      fc.string({ unit: 'binary', maxLength: 60 }),
    );
    fc.assert(
      fc.property(fc.array(line, { maxLength: 12 }), (lines) => {
        const made = entry(...lines.map(([key, value]) => `${key}=${value}`));
        if (made) expect(Application.safeParse(made.application).success).toBe(true);
      }),
      { numRuns: 50 },
    );
  });
});

describe('isShownIn', () => {
  it.each<[string[] | undefined, string[], string[], boolean]>([
    [undefined, [], [], true],
    [undefined, ['GNOME'], ['GNOME'], false],
    [['GNOME'], [], [], false],
    [['GNOME'], [], ['GNOME'], true],
    [['GNOME'], [], ['ubuntu', 'GNOME'], true],
    // The desktop's own order decides.
    [['GNOME'], ['ubuntu'], ['ubuntu', 'GNOME'], false],
    [['GNOME'], ['ubuntu'], ['GNOME', 'ubuntu'], true],
    [[], [], ['GNOME'], false],
  ])('only %j, not %j, in %j: %s', (onlyShowIn, notShowIn, desktops, shown) => {
    expect(isShownIn({ onlyShowIn, notShowIn }, desktops)).toBe(shown);
  });
});
