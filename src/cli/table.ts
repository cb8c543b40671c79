/** Tables that fit the terminal. Pure. */
import { fit as clip, displayWidth, sanitise } from '../kernel/text.ts';
import type { Span, Style } from './style.ts';

export interface Column {
  readonly title: string;
  /** Narrowest it may be cut to, in columns; default 4. */
  readonly min?: number;
}

export type Cell = string | { readonly text: string; readonly style: Style };

const GAP = '  ';

/**
 * Lines of a table: a header, then the rows. Where they are wider than `width`, the widest columns
 * are cut first, none below its minimum, and at last the line itself.
 * @param width columns of the terminal; Infinity where nothing is to be cut
 */
export function table(
  columns: readonly Column[],
  rows: readonly (readonly Cell[])[],
  width: number,
): Span[][] {
  const clean = rows.map((row) => columns.map((_, i) => tidy(row[i] ?? '')));
  const natural = columns.map((column, i) =>
    Math.max(displayWidth(column.title), ...clean.map((row) => displayWidth(textOf(row[i] ?? '')))),
  );
  const widths = shrink(
    natural,
    columns.map((column) => column.min ?? 4),
    width - GAP.length * (columns.length - 1),
  );
  const header = columns.map((column): Cell => ({ text: column.title, style: 'bold' }));
  return [header, ...clean].map((row) => line(row, widths, width));
}

function tidy(cell: Cell): Cell {
  return typeof cell === 'string' ? sanitise(cell) : { ...cell, text: sanitise(cell.text) };
}

function textOf(cell: Cell): string {
  return typeof cell === 'string' ? cell : cell.text;
}

/** Cuts the widest column by one until all fit, or all are as narrow as they may be. */
export function shrink(natural: readonly number[], min: readonly number[], width: number): number[] {
  const widths = [...natural];
  let excess = widths.reduce((sum, w) => sum + w, 0) - Math.max(width, 0);
  while (excess > 0) {
    let widest = -1;
    widths.forEach((w, i) => {
      if (w > (min[i] ?? 0) && w > (widths[widest] ?? 0)) widest = i;
    });
    if (widest < 0) break;
    widths[widest] = (widths[widest] ?? 0) - 1;
    excess -= 1;
  }
  return widths;
}

function line(row: readonly Cell[], widths: readonly number[], width: number): Span[] {
  const spans: Span[] = [];
  let used = 0;
  row.forEach((cell, i) => {
    const gap = i === 0 ? '' : GAP;
    const room = Math.min(widths[i] ?? 0, width - used - gap.length);
    if (room <= 0) return;
    const text = clip(textOf(cell), room);
    const isLast = i === row.length - 1;
    const padding = isLast ? '' : ' '.repeat(Math.max(0, (widths[i] ?? 0) - displayWidth(text)));
    if (gap) spans.push(gap);
    spans.push(typeof cell === 'string' ? text : { text, style: cell.style });
    if (padding) spans.push(padding);
    used += gap.length + displayWidth(text) + padding.length;
  });
  return trimmed(spans);
}

function trimmed(spans: Span[]): Span[] {
  while (spans.length > 0) {
    const last = spans.at(-1) ?? '';
    if (textOf(last).trim() !== '') break;
    spans.pop();
  }
  return spans;
}
