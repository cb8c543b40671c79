/** What a benchmark is and what it gives. One file a benchmark; bench/run.ts has the list. */

export type Bound =
  /** Ours divided by the peer's, of medians. */
  | { readonly kind: 'ratio-at-most' | 'ratio-at-least'; readonly value: number }
  /** Ours alone, in the row's unit. */
  | { readonly kind: 'at-most'; readonly value: number };

/** One row of the table. */
export interface Row {
  readonly measure: string;
  readonly peer: string;
  readonly unit: 'ms' | 'MiB/s' | 'MB' | '%' | 's';
  readonly ours: readonly number[];
  /** Taken in turn with ours: the two of one index belong together. Empty where there is no peer. */
  readonly theirs: readonly number[];
  /** Undefined: told for what it is worth. */
  readonly bound: Bound | undefined;
  readonly notes: readonly string[];
}

export interface BenchmarkOptions {
  /** How often each side is measured, warm-up aside. */
  readonly rounds: number;
  /** What takes a minute takes a few seconds. */
  readonly quick: boolean;
  readonly say: (line: string) => void;
}

export interface Benchmark {
  readonly name: string;
  /** Measures that it gives, for when it could not run. */
  readonly measures: readonly string[];
  run(options: BenchmarkOptions): Promise<readonly Row[]>;
}

/** Measures ours and the peer's in turn (A B A B …), since a machine's speed wanders. The first of each is not counted. */
export async function alternate(
  { rounds, say }: BenchmarkOptions,
  ours: () => Promise<number>,
  theirs: () => Promise<number>,
): Promise<{ ours: number[]; theirs: number[] }> {
  const seen = { ours: [] as number[], theirs: [] as number[] };
  for (let round = 0; round <= rounds; round += 1) {
    const a = await ours();
    const b = await theirs();
    say(`${round === 0 ? 'warm-up' : `${round}/${rounds}`}: ${a.toPrecision(4)} against ${b.toPrecision(4)}`);
    if (round === 0) continue;
    seen.ours.push(a);
    seen.theirs.push(b);
  }
  return seen;
}

/** As alternate, without a peer. */
export async function repeat(
  { rounds, say }: BenchmarkOptions,
  ours: () => Promise<number>,
): Promise<number[]> {
  const seen: number[] = [];
  for (let round = 1; round <= rounds; round += 1) {
    const value = await ours();
    say(`${round}/${rounds}: ${value.toPrecision(4)}`);
    seen.push(value);
  }
  return seen;
}
