import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { localMachine } from '../../src/platform/local-machine.ts';
import { readApplications } from '../../src/viewer/applications.ts';
import { readIcons } from '../../src/viewer/icon-files.ts';

const folder = mkdtempSync(join(tmpdir(), 'hotdesk-icons-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function write(path: string, data: string | Buffer): string {
  const file = join(folder, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, data);
  return file;
}
const svg = (text: string) => `<svg xmlns="http://www.w3.org/2000/svg"><text>${text}</text></svg>`;
const index = (inherits: string) =>
  `[Icon Theme]\nName=x\n${inherits}\nDirectories=48/apps,16/apps\n[48/apps]\nSize=48\n[16/apps]\nSize=16\n`;

it('finds icons in the user’s theme, its parents, hicolor, and without a theme, in this order', async () => {
  const env = { PATH: '/usr/bin:/bin', HOME: join(folder, 'home'), XDG_DATA_DIRS: join(folder, 'share') };
  write('home/.config/gtk-3.0/settings.ini', '[Settings]\ngtk-icon-theme-name = Mine Own\n');
  write('home/.icons/Mine Own/index.theme', index('Inherits=Parent'));
  write('home/.icons/Mine Own/48/apps/one.svg', svg('one'));
  write('home/.icons/Mine Own/16/apps/two.svg', svg('two, small'));
  write('share/icons/Parent/index.theme', index('Inherits=Mine Own,Nowhere'));
  write('share/icons/Parent/48/apps/one.svg', svg('not this'));
  write('share/icons/Parent/48/apps/two.svg', svg('not this either'));
  write('share/icons/Parent/48/apps/three.svg', svg('three'));
  write('share/icons/hicolor/index.theme', index(''));
  write('share/icons/hicolor/48/apps/four.svg', svg('four'));
  write('share/icons/hicolor/48/apps/huge.svg', svg('x'.repeat(200_000)));
  write('share/icons/hicolor/16/apps/huge.svg', svg('small'));
  write('share/icons/hicolor/48/apps/script.svg', '<svg><script>alert(1)</script></svg>');
  write('share/icons/five.svg', svg('five'));
  const file = write('home/app dir/six.svg', svg('six'));
  const icons = await readIcons(localMachine('here', env), [
    ...['one', 'two.png', 'three', 'four', 'five', 'huge', 'script', file],
    ...['nowhere', '/etc/passwd', '../Parent/48/apps/three', '*', '/etc/../etc/shadow.svg'],
  ]);
  const texts = [...icons].map(([name, { type, data }]) => [
    name,
    type,
    /<text>(.*)<\/text>/u.exec(data.toString())?.[1],
  ]);
  expect(texts).toEqual([
    ['one', 'svg', 'one'],
    ['two.png', 'svg', 'two, small'],
    ['three', 'svg', 'three'],
    ['four', 'svg', 'four'],
    ['five', 'svg', 'five'],
    ['huge', 'svg', 'small'],
    [file, 'svg', 'six'],
  ]);
});

it('finds the icons of what Debian installs', async () => {
  const machine = localMachine('here');
  const { applications = [] } = await readApplications(machine, '', undefined);
  const xterm = applications.find(({ id }) => id === 'debian-xterm');
  const icons = await readIcons(machine, [xterm?.icon ?? 'none']);
  expect([...icons.keys()]).toEqual([xterm?.icon]);
});
