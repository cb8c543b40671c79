/** From samples to a verdict. Pure. */
import type { Bound, Row } from './benchmark.ts';

export interface Spread {
  readonly median: number;
  readonly min: number;
  readonly max: number;
}

/** @throws RangeError when there is nothing to take it of */
export function spreadOf(values: readonly number[]): Spread {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const [low, high] = [sorted[sorted.length % 2 === 1 ? middle : middle - 1], sorted[middle]];
  const [min, max] = [sorted[0], sorted.at(-1)];
  if (low === undefined || high === undefined || min === undefined || max === undefined) {
    throw new RangeError('no samples');
  }
  return { median: (low + high) / 2, min, max };
}

export interface Verdict {
  readonly ours: Spread;
  readonly theirs: Spread | undefined;
  /** Of the medians. */
  readonly ratio: number | undefined;
  /** Of each pair that ran in turn. */
  readonly pairs: Spread | undefined;
  /** Undefined where nothing is asked. */
  readonly met: boolean | undefined;
}

export function verdictOf(row: Row): Verdict {
  const ours = spreadOf(row.ours);
  const theirs = row.theirs.length > 0 ? spreadOf(row.theirs) : undefined;
  const ratio = theirs && ours.median / theirs.median;
  const quotients = row.theirs.map((peer, index) => (row.ours[index] ?? Number.NaN) / peer);
  const pairs = theirs && spreadOf(quotients);
  return { ours, theirs, ratio, pairs, met: row.bound && meets(row.bound, ours.median, ratio) };
}

function meets(bound: Bound, ours: number, ratio: number | undefined): boolean {
  switch (bound.kind) {
    case 'at-most':
      return ours <= bound.value;
    case 'ratio-at-most':
      return ratio !== undefined && ratio <= bound.value;
    case 'ratio-at-least':
      return ratio !== undefined && ratio >= bound.value;
  }
}
