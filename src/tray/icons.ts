/** The tray's own pictures: made by scripts/icons.mjs, copied beside the bundle by npm run build. */
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { HotdeskError } from '../kernel/errors.ts';
import type { IconState } from './menu/model.ts';

/** What the panel behind the icon looks like. */
export type PanelTone = 'light' | 'dark';

export interface IconSet {
  /** A folder in the layout of an icon theme (hicolor), for panels that look icons up by name. */
  readonly theme: string;
  /** Name in that folder. */
  name(state: IconState): string;
  /** A picture of about `size` pixels. */
  file(state: IconState, kind: 'png' | 'ico', size: number): string;
}

/** Sizes that there are pictures of, in pixels. */
export const ICON_SIZES = [16, 22, 24, 32, 48, 64] as const;

/** @throws HotdeskError `internal` when they are missing */
export function iconSet(tone: PanelTone): IconSet {
  const theme = iconFolder();
  const name = (state: IconState) => `hotdesk-${state}-${tone}`;
  return {
    theme,
    name,
    file: (state, kind, size) =>
      kind === 'ico'
        ? join(theme, 'ico', `${name(state)}.ico`)
        : join(theme, 'hicolor', sizeFolder(size), 'apps', `${name(state)}.png`),
  };
}

function sizeFolder(size: number): string {
  const best = ICON_SIZES.find((each) => each >= size) ?? ICON_SIZES[ICON_SIZES.length - 1];
  return `${best}x${best}`;
}

/** hotdesk's own picture, for what is no panel. @throws HotdeskError `internal` when it is missing */
export function appIcon(): string {
  return join(iconFolder(), 'hicolor', '48x48', 'apps', 'hotdesk.png');
}

/** Beside the bundle, or beside this source. */
export function iconFolder(): string {
  const own = typeof __dirname === 'string' ? __dirname : dirname(fileURLToPath(import.meta.url));
  const folder = join(own, 'icons');
  if (!existsSync(join(folder, 'hicolor'))) {
    throw new HotdeskError('internal', `The tray's icons are missing (${folder}).`, {
      hint: 'Install hotdesk again.',
    });
  }
  return folder;
}
