/**
 * A viewer that connects is let alone until it shows the session: libspice-server 0.15.1 reads freed memory,
 * and its machine ends with it, where a viewer goes between its link and its first word.
 */
import type { OutputTail } from './output.ts';

/** The longest that a viewer connects, in ms; one that shows nothing then says in its window why. */
const CONNECTING_MS = 3000;

/** Lines of a viewer's output. */
export interface ConnectingLines {
  /** It begins to connect. Undefined: it can be ended at any time. */
  readonly connects?: RegExp | undefined;
  /** Each means that it has come to an end. */
  readonly done: readonly (RegExp | undefined)[];
}

export interface Connecting {
  /** Settles when it can be ended: at once where it does not connect just now. Never rejects. */
  over(): Promise<void>;
  /** Settles when it connected and showed nothing for `CONNECTING_MS`; else never. */
  readonly late: Promise<void>;
}

/** @param exited settles when the viewer has ended */
export function whileConnecting(
  { connects, done }: ConnectingLines,
  output: Pick<OutputTail, 'onLine'>,
  exited: Promise<unknown>,
): Connecting {
  let state: 'before' | 'connecting' | 'after' = 'before';
  let timer: NodeJS.Timeout | undefined;
  const waiting: (() => void)[] = [];
  const end = () => {
    state = 'after';
    clearTimeout(timer);
    for (const each of waiting.splice(0)) each();
  };
  const late = new Promise<void>((resolve) => {
    output.onLine((line) => {
      if (done.some((each) => each?.test(line))) return end();
      if (state !== 'before' || !connects?.test(line)) return;
      state = 'connecting';
      timer = setTimeout(() => {
        end();
        resolve();
      }, CONNECTING_MS);
    });
  });
  void exited.then(end);
  const over = async () => {
    if (state === 'connecting') await new Promise<void>((resolve) => waiting.push(resolve));
  };
  return { over, late };
}
