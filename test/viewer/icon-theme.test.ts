import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { iconOf, splitFiles } from '../../src/viewer/icon-files.ts';
import {
  foldersFor,
  type IconTheme,
  iconName,
  parseIconTheme,
  searchOrder,
  type ThemeFolder,
  themeOrder,
} from '../../src/viewer/icon-theme.ts';

const INDEX = `[Icon Theme]
Name=Test
Inherits=parent, other,/etc,..
Directories=16x16/apps,48x48/apps, scalable/apps,32x32/apps,missing,../up,256/odd
ScaledDirectories=48x48@2/apps
[16x16/apps]
Size=16
Type=Fixed
[48x48/apps]
Size=48
[48x48@2/apps]
Size=48
Scale=2
Type=Fixed
[scalable/apps]
Size=128
MinSize=8
MaxSize=512
Type=Scalable
[32x32/apps]
Size=32
Threshold=20
Type=Threshold
[../up]
Size=48
[256/odd]
Size=large
`;

describe('parseIconTheme', () => {
  it('reads folders in their order, and nothing that leads out of the theme', () => {
    const theme = parseIconTheme('test', INDEX);
    expect(theme?.inherits).toEqual(['parent', 'other']);
    expect(theme?.folders).toEqual([
      { path: '16x16/apps', size: 16, scale: 1, from: 16, to: 16 },
      { path: '48x48/apps', size: 48, scale: 1, from: 46, to: 50 },
      { path: 'scalable/apps', size: 128, scale: 1, from: 8, to: 512 },
      { path: '32x32/apps', size: 32, scale: 1, from: 12, to: 52 },
      { path: '48x48@2/apps', size: 48, scale: 2, from: 48, to: 48 },
    ]);
    expect(parseIconTheme('x', '[Desktop Entry]\nName=x')).toBeUndefined();
  });

  it('looks where it matches first, then where it is nearest', () => {
    const theme = parseIconTheme('test', INDEX);
    if (!theme) throw new Error('no theme');
    expect(foldersFor(theme, 48)).toEqual([
      '48x48/apps',
      'scalable/apps',
      '32x32/apps',
      '16x16/apps',
      '48x48@2/apps',
    ]);
    expect(foldersFor(theme, 600)[0]).toBe('scalable/apps');
  });
});

/** The specification's own pseudo code, over folders that have the icon. */
function byTheBook(
  theme: IconTheme,
  size: number,
  scale: number,
  has: (path: string) => boolean,
): string | undefined {
  const matches = (f: ThemeFolder) => f.scale === scale && f.from <= size && size <= f.to;
  for (const f of theme.folders) if (matches(f) && has(f.path)) return f.path;
  let minimal = Number.POSITIVE_INFINITY;
  let closest: string | undefined;
  for (const f of theme.folders) {
    const low = f.from * f.scale - size * scale;
    const high = size * scale - f.to * f.scale;
    const distance = Math.max(low, high, 0);
    if (has(f.path) && distance < minimal) {
      minimal = distance;
      closest = f.path;
    }
  }
  return closest;
}

it('finds what the specification’s pseudo code finds, in any theme', () => {
  const folder = fc.record({
    size: fc.constantFrom(16, 22, 24, 32, 48, 64, 128),
    scale: fc.constantFrom(1, 2),
    below: fc.nat({ max: 40 }),
    above: fc.nat({ max: 100 }),
    there: fc.boolean(),
  });
  fc.assert(
    fc.property(fc.array(folder, { maxLength: 12 }), fc.constantFrom(16, 24, 48, 96), (made, size) => {
      const folders = made.map((f, i) => ({
        path: `d${i}`,
        size: f.size,
        scale: f.scale,
        from: f.size - f.below,
        to: f.size + f.above,
      }));
      const has = (path: string) => made[Number(path.slice(1))]?.there ?? false;
      const theme = { name: 't', inherits: [], folders };
      expect(foldersFor(theme, size).find(has)).toBe(byTheBook(theme, size, 1, has));
    }),
  );
});

describe('themeOrder', () => {
  const theme = (name: string, ...inherits: string[]): [string, IconTheme] => [
    name,
    { name, inherits, folders: [] },
  ];
  it('goes depth first, each once, hicolor last', () => {
    const themes = new Map([
      theme('a', 'b', 'hicolor', 'c'),
      theme('b', 'd', 'a'),
      theme('c'),
      theme('d'),
      theme('hicolor'),
    ]);
    expect(themeOrder('a', themes)).toEqual(['a', 'b', 'd', 'c', 'hicolor']);
    expect(themeOrder('gone', themes)).toEqual(['hicolor']);
    expect(themeOrder('a', new Map())).toEqual([]);
  });

  it('tries every base for each folder, and the bases themselves at the end', () => {
    const folders = [{ path: '48', size: 48, scale: 1, from: 48, to: 48 }];
    const themes = new Map([['t', { name: 't', inherits: [], folders }]]);
    expect(searchOrder('t', themes, ['/a', '/b'], 48)).toEqual(['/a/t/48', '/b/t/48', '/a', '/b']);
  });
});

describe('iconName', () => {
  it.each([
    ['firefox', 'firefox'],
    ['app.png', 'app'],
    ['org.x.App', 'org.x.App'],
    ['../../etc/passwd', undefined],
    ['.hidden', undefined],
    ['a\nb', undefined],
    ['.png', undefined],
  ])('%s', (icon, name) => expect(iconName(icon)).toBe(name));
});

describe('what a host sends for an icon', () => {
  const png = (width: number, height: number) => {
    const data = Buffer.alloc(33);
    Buffer.from('89504e470d0a1a0a0000000d49484452', 'hex').copy(data);
    data.writeUInt32BE(width, 16);
    data.writeUInt32BE(height, 20);
    return data;
  };
  it('is a PNG of a sensible size', () => {
    expect(iconOf(png(48, 48))?.type).toBe('png');
    expect(iconOf(png(60_000, 60_000))).toBeUndefined();
    expect(iconOf(png(0, 48))).toBeUndefined();
    expect(iconOf(Buffer.concat([png(48, 48), Buffer.alloc(200_000)]))).toBeUndefined();
    expect(iconOf(Buffer.from('MZ an executable, or anything else'))).toBeUndefined();
  });

  it.each([
    '<svg xmlns="http://www.w3.org/2000/svg"><path d="M0 0"/></svg>',
    '<?xml version="1.0"?>\n<!DOCTYPE svg PUBLIC "x" "y">\n<svg width="1"><use xlink:href="#a"/></svg>',
    '<!-- made by hand --><svg:svg><image href="data:image/png;base64,AA=="/></svg:svg>',
  ])('is an SVG: %s', (text) => expect(iconOf(Buffer.from(text))?.type).toBe('svg'));

  it.each([
    '<!DOCTYPE svg [<!ENTITY a "aaaa">]><svg>&a;&a;</svg>',
    '<svg><script>alert(1)</script></svg>',
    '<svg onload = "x()"></svg> and more text',
    '<svg><image href="file:///etc/passwd"/></svg>',
    "<svg><image xlink:href='http://a.example/x'/></svg>",
    '<svg><style>@import "x"</style></svg>',
    '<html><body>no picture at all</body></html>',
  ])('is no SVG that does more than draw: %s', (text) => expect(iconOf(Buffer.from(text))).toBeUndefined());

  it('is cut apart by its sizes, whatever is in it', () => {
    const out = Buffer.concat([Buffer.from('motd\nM icon 7\nM icon\n\nM icon 0\n\nM icon 2\nab\n')]);
    expect(splitFiles(out, 'M').map(String)).toEqual(['M icon\n', '', 'ab']);
    expect(splitFiles(Buffer.from('M icon x\n'), 'M')).toEqual([]);
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 30 }), { maxLength: 6 }), (files) => {
        const bytes = files.flatMap((data) => [
          Buffer.from(`M icon ${data.length}\n`),
          Buffer.from(data),
          Buffer.from('\n'),
        ]);
        expect(splitFiles(Buffer.concat(bytes), 'M')).toEqual(files.map((data) => Buffer.from(data)));
      }),
    );
  });
});
