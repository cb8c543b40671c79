import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readConsole, withPassword } from '../../../src/viewer/console/read.ts';
import { NONE } from './wishes.ts';

const read = (text: string, wishes = NONE) => readConsole(Buffer.from(text), wishes);

// As mstsc writes them, with what a stranger might add.
const FILE = `screen mode id:i:2\r
use multimon:i:0\r
desktopwidth:i:1920\r
desktopheight:i:1080\r
session bpp:i:32\r
winposstr:s:0,1,0,0,800,600\r
compression:i:1\r
audiocapturemode:i:1\r
redirectprinters:i:1\r
redirectclipboard:i:1\r
redirectdrives:i:1\r
drivestoredirect:s:*\r
full address:s:desk.example:3390\r
username:s:me\r
domain:s:LAB\r
authentication level:i:0\r
alternate shell:s:calc.exe\r
remoteapplicationmode:i:1\r
remoteapplicationprogram:s:||calc\r
remoteapplicationname:s:Calculator\r
remoteapplicationcmdline:s:/k del\r
password 51:b:01000000D08C9D\r
gatewayhostname:s:gw.example\r
loadbalanceinfo:s:tsv://MS Terminal Services Plugin.1.Farm\r
kdcproxyname:s:\r
somethingnew:i:1\r
/drive:home,/home\r
`;

describe('a .rdp file', () => {
  const file = read(FILE);
  it('keeps what leads to the desktop', () => {
    expect(file).toMatchObject({ format: 'rdp', name: 'desk.example', host: 'desk.example', once: false });
    expect(file.asks).toEqual({ user: 'LAB\\me', host: 'desk.example', port: 3390 });
    expect(file.text.split('\r\n')).toEqual([
      ...['screen mode id:i:2', 'use multimon:i:0', 'desktopwidth:i:1920', 'desktopheight:i:1080'],
      ...['session bpp:i:32', 'compression:i:1', 'redirectclipboard:i:1', 'full address:s:desk.example:3390'],
      ...['username:s:me', 'domain:s:LAB', 'gatewayhostname:s:gw.example'],
      ...['loadbalanceinfo:s:tsv://MS Terminal Services Plugin.1.Farm', ''],
    ]);
  });

  it('says what was left out', () => {
    expect(file.leftOut).toEqual([
      'your microphone (audiocapturemode; -o microphone=yes takes it)',
      'your printers (redirectprinters; -o printers=yes takes it)',
      'your files; -o drives=FOLDER gives a folder (redirectdrives)',
      'your files; -o drives=FOLDER gives a folder (drivestoredirect)',
      'its wish not to check the certificate (authentication level)',
      'a program to be run there (alternate shell; -o programs=yes takes it)',
      'a program to be run there (remoteapplicationmode; -o programs=yes takes it)',
      'a program to be run there (remoteapplicationprogram; -o programs=yes takes it)',
      'a program to be run there (remoteapplicationcmdline; -o programs=yes takes it)',
      'keys that hotdesk does not know: somethingnew',
      'its password, which only Windows can read',
      'arguments for FreeRDP',
    ]);
  });

  it('is read in UTF-16, as Windows writes it', () => {
    const wide = Buffer.from(`\ufefffull address:s:ä.example\r\n`, 'utf16le');
    expect(readConsole(wide, NONE)).toMatchObject({ host: 'ä.example' });
  });

  it('takes what the user says over what it says', () => {
    const wishes = {
      ...NONE,
      fullscreen: 'no',
      sound: 'yes',
      geometry: '800x600',
      depth: '16',
      programs: true,
    } as const;
    const { text } = read(FILE, { ...wishes, clipboard: 'no', scaling: 'yes' });
    for (const line of [
      ...['screen mode id:i:1', 'desktopwidth:i:800', 'desktopheight:i:600', 'session bpp:i:16'],
      ...['audiomode:i:0', 'redirectclipboard:i:0', 'smart sizing:i:1', 'alternate shell:s:calc.exe'],
    ]) {
      expect(text.split('\r\n')).toContain(line);
    }
    expect(text).not.toContain('drive');
  });

  it('gets a password that was asked for, and nothing beside it', () => {
    expect(withPassword(file, 'p w:1').text).toMatch(/\r\npassword:s:p w:1\r\n$/u);
    expect(() => withPassword(file, 'a\r\nalternate shell:s:x')).toThrow();
  });

  it.each([
    'full address:s:-x',
    'full address:s:a\nfull address:s:b',
    'full address:s:a\ndesktopwidth:i:99999',
    'full address:s:a\ndesktopwidth:s:800',
    'full address:s:a\nusername:i:1',
    'full address:s:a\nserver port:i:0',
    'full address:s:a\nnonsense',
    'full address:i:1',
    'full address:s:',
  ])('is refused for %j', (text) => {
    expect(() => read(`${text}\n`)).toThrow(expect.objectContaining({ code: 'bad-argument' }));
  });

  it('holds after that no argument, no program and nothing of this machine, whatever was in it', () => {
    const keys = FILE.split('\r\n').map((line) => line.split(':')[0] ?? '');
    const key = fc.oneof(
      fc.constantFrom(...keys),
      fc.constantFrom('/v:x', '/drive', 'Redirectdrives'),
      fc.string(),
    );
    const value = fc.oneof(fc.constantFrom('0', '1', 'a', '*', '||calc'), fc.string({ unit: 'binary' }));
    const line = fc.tuple(key, fc.constantFrom('i', 's', 'b', ''), value).map((parts) => parts.join(':'));
    fc.assert(
      fc.property(fc.array(line, { maxLength: 10 }), (lines) => {
        try {
          const { text } = read(['full address:s:h', ...lines].join('\r\n'));
          expect(text).toMatch(/^full address:s:h\r\n/u);
          for (const made of text.split('\r\n').filter(Boolean)) {
            expect(made).toMatch(/^[a-z ]+:[is]:[^\p{Cc}]*$/u);
            expect(made).not.toMatch(
              /^(?:\/|alternate shell|remoteapp|.*drive|.*redirect(?!clipboard|printers:i:0))/u,
            );
          }
        } catch (error) {
          expect(error).toMatchObject({ code: 'bad-argument' });
        }
      }),
      { numRuns: 500 },
    );
  });
});

it.each([
  ['[fe80::1%eth0]:3390', 'fe80::1%eth0:3390', '[fe80::1%eth0]'],
  ['::1', '::1:3389', '::1'],
  ['[::1]', '::1:3389', '[::1]'],
])('an address of IPv6 (%s) is written as FreeRDP 2 reads it', (given, written, host) => {
  const file = readConsole(Buffer.from(`full address:s:${given}`), NONE);
  expect(file.host).toBe(host);
  expect(file.text.split('\r\n')).toContain(`full address:s:${written}`);
});
