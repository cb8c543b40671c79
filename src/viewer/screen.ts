/** How large the screen of a seat is: what "fit this screen" means. */
import { execFile } from 'node:child_process';
import type { Seat } from '../model/seat.ts';
import { viewerEnvironment } from './environment.ts';

export interface ScreenSize {
  readonly width: number;
  readonly height: number;
}

const TIMEOUT_MS = 3000;

/** In pixels; undefined where xrandr(1) is missing or does not tell. */
export function screenSize(
  seat: Seat,
  env: Readonly<Record<string, string | undefined>>,
): Promise<ScreenSize | undefined> {
  const options = { env: viewerEnvironment(env, seat, {}), timeout: TIMEOUT_MS };
  return new Promise((resolve) => {
    execFile('xrandr', ['--current'], options, (_error, stdout) => resolve(readScreen(stdout)));
  });
}

/** The primary output's size, else the first one's that is on, else that of the whole screen. Pure. */
export function readScreen(xrandr: string): ScreenSize | undefined {
  const found =
    / connected primary (\d+)x(\d+)\+/u.exec(xrandr) ??
    / connected (\d+)x(\d+)\+/u.exec(xrandr) ??
    /, current (\d+) x (\d+)/u.exec(xrandr);
  const width = Number(found?.[1]);
  const height = Number(found?.[2]);
  return width > 0 && height > 0 ? { width, height } : undefined;
}
