/**
 * Where an icon is looked for, by the Icon Theme Specification 0.13
 * (https://specifications.freedesktop.org/icon-theme-spec/): themes, their folders, which of those fit a
 * size best. Pure: whether a file is there is asked on the host, see icon-files.ts.
 */
import { type Group, parseKeyFile, splitList } from './key-file.ts';

/** A folder of a theme, as its index.theme describes it. */
export interface ThemeFolder {
  /** Below the theme's own folder: `48x48/apps`. */
  readonly path: string;
  readonly size: number;
  readonly scale: number;
  /** Sizes that it can stand for; the same twice for a fixed one. */
  readonly from: number;
  readonly to: number;
}

export interface IconTheme {
  /** Folder name of the theme. */
  readonly name: string;
  readonly inherits: readonly string[];
  /** In the order of the index, in which the first that fits wins. */
  readonly folders: readonly ThemeFolder[];
}

/** Folders of one theme that are looked at: breeze has about 500. */
const FOLDERS_LIMIT = 2000;
const THEME_NAME = /^[^/\s.][^/\p{Cc}]{0,80}$/u;
const FOLDER_PATH = /^(?!\.)(?!.*\/\.)[^\p{Cc}]{1,120}$/u;

export function isThemeName(name: string): boolean {
  return THEME_NAME.test(name);
}

/** @returns undefined for text that is no index of a theme */
export function parseIconTheme(name: string, text: string): IconTheme | undefined {
  const groups = parseKeyFile(text);
  const main = groups.get('Icon Theme');
  if (!main) return undefined;
  const paths = [...listOf(main, 'Directories'), ...listOf(main, 'ScaledDirectories')];
  return {
    name,
    inherits: listOf(main, 'Inherits').filter(isThemeName).slice(0, 20),
    folders: [...new Set(paths)].slice(0, FOLDERS_LIMIT).flatMap((path) => {
      const group = groups.get(path);
      const folder = group && FOLDER_PATH.test(path) ? folderOf(path, group) : undefined;
      return folder ? [folder] : [];
    }),
  };
}

/** Lists here are separated by commas. */
function listOf(group: Group, key: string): string[] {
  return splitList((group.get(key) ?? '').replaceAll(',', ';'), FOLDERS_LIMIT);
}

function folderOf(path: string, group: Group): ThemeFolder | undefined {
  const size = numberOf(group, 'Size');
  if (size === undefined) return undefined;
  const scale = numberOf(group, 'Scale') ?? 1;
  const reach = { path, size, scale };
  switch (group.get('Type')?.trim()) {
    case 'Fixed':
      return { ...reach, from: size, to: size };
    case 'Scalable':
      return { ...reach, from: numberOf(group, 'MinSize') ?? size, to: numberOf(group, 'MaxSize') ?? size };
    default: {
      const threshold = numberOf(group, 'Threshold') ?? 2;
      return { ...reach, from: size - threshold, to: size + threshold };
    }
  }
}

function numberOf(group: Group, key: string): number | undefined {
  const text = group.get(key)?.trim() ?? '';
  return /^\d{1,5}$/u.test(text) ? Number(text) : undefined;
}

/**
 * Names of the themes to look into, in order: the user's, what it inherits from (depth first, each once),
 * hicolor at the end, as the specification demands.
 */
export function themeOrder(start: string, themes: ReadonlyMap<string, IconTheme>): string[] {
  const order: string[] = [];
  const visit = (name: string) => {
    if (name === 'hicolor' || order.includes(name) || order.length >= 20) return;
    const theme = themes.get(name);
    if (!theme) return;
    order.push(name);
    for (const parent of theme.inherits) visit(parent);
  };
  visit(start);
  return themes.has('hicolor') ? [...order, 'hicolor'] : order;
}

/** Folders of a theme, best first: those that match the size in their order, the others by distance. */
export function foldersFor(theme: IconTheme, size: number, scale = 1): string[] {
  const matches = (f: ThemeFolder) => f.scale === scale && f.from <= size && size <= f.to;
  const rest = theme.folders.filter((folder) => !matches(folder));
  const far = rest.map((folder) => ({ folder, distance: distance(folder, size * scale) }));
  return [
    ...theme.folders.filter(matches),
    ...far.sort((a, b) => a.distance - b.distance).map(({ folder }) => folder),
  ].map(({ path }) => path);
}

/** DirectorySizeDistance of the specification, in pixels. */
function distance({ from, to, scale }: ThemeFolder, pixels: number): number {
  if (pixels < from * scale) return from * scale - pixels;
  return pixels > to * scale ? pixels - to * scale : 0;
}

/**
 * Absolute folders to look for icons of that size in, best first.
 * @param bases where themes are, by precedence; the last steps look in them without any theme
 */
export function searchOrder(
  start: string,
  themes: ReadonlyMap<string, IconTheme>,
  bases: readonly string[],
  size: number,
): string[] {
  const themed = themeOrder(start, themes).flatMap((name) => {
    const theme = themes.get(name);
    return theme
      ? foldersFor(theme, size).flatMap((path) => bases.map((base) => `${base}/${name}/${path}`))
      : [];
  });
  return [...new Set([...themed, ...bases])];
}

/** The icon's name without an ending, which older entries have; undefined for one that is no file name. */
export function iconName(icon: string): string | undefined {
  const name = icon.replace(/\.(?:png|svg|xpm)$/u, '');
  return name !== '' && !/[/\p{Cc}]/u.test(name) && name.length <= 200 && !name.startsWith('.')
    ? name
    : undefined;
}
