/** Lines for people. */
import { sanitise } from '../kernel/text.ts';
import type { Line } from './wizard.ts';

const LIMIT = 600;

const of =
  (kind: Line['kind']) =>
  (text: string): Line => ({ kind, text: sanitise(text, LIMIT) });

export const text = of('text');
export const fact = of('fact');
export const command = of('command');
export const warning = of('warning');

/** Rows of a picture: its spaces matter. @param rows our own drawing */
export function art(rows: readonly string[]): Line[] {
  return rows.map((row) => ({ kind: 'art', text: row }));
}
