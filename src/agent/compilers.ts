/**
 * V8's compilers, as far as the agent wants them. One that only listens runs nothing hot, and the compilers'
 * own code is 5 MB of its resident memory (docs/decisions.md): while it is idle it interprets. V8 takes
 * both flags while it runs.
 */
import { setFlagsFromString } from 'node:v8';
import type { Clock } from '../kernel/clock.ts';

/** How often it looks what the agent is doing, in ms. */
const LOOK_MS = 5000;
/** More than this share of a core is work. */
const BUSY = 0.1;

/** @param share of a core that the agent used since the last look */
export function wantsCompilers(share: number, connected: boolean): boolean {
  return connected || share > BUSY;
}

export class Compilers {
  readonly #clock: Clock;
  readonly #isConnected: () => boolean;
  readonly #usedMs: () => number;
  readonly #set: (on: boolean) => void;
  #on = true;
  #cancel = () => {};

  /** @param deps.isConnected whether bytes of an SSH connection may go through the agent */
  constructor(deps: {
    readonly clock: Clock;
    readonly isConnected: () => boolean;
    /** CPU time that the process has taken, in ms. */
    readonly usedMs?: () => number;
    readonly set?: (on: boolean) => void;
  }) {
    this.#clock = deps.clock;
    this.#isConnected = deps.isConnected;
    this.#usedMs = deps.usedMs ?? processMs;
    this.#set = deps.set ?? setFlags;
  }

  /** To be called first of all: one function that gets hot while the agent starts brings the 5 MB. */
  start(): void {
    this.#turn(this.#isConnected());
    this.#lookLater();
  }

  stop(): void {
    this.#cancel();
  }

  /** Something is about to be hot: not to wait for the next look. */
  warm(): void {
    this.#turn(true);
  }

  #lookLater(): void {
    const before = this.#usedMs();
    this.#cancel = this.#clock.after(LOOK_MS, () => {
      this.#turn(wantsCompilers((this.#usedMs() - before) / LOOK_MS, this.#isConnected()));
      this.#lookLater();
    });
  }

  #turn(on: boolean): void {
    if (on === this.#on) return;
    this.#on = on;
    this.#set(on);
  }
}

function processMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

function setFlags(on: boolean): void {
  for (const name of ['opt', 'sparkplug']) setFlagsFromString(on ? `--${name}` : `--no-${name}`);
}
