/** When a window appears on a display. One xev listens; nothing polls, so the watching costs both sides the same. */
import { createInterface } from 'node:readline';
import type { LabHost } from '../../test/rigs/lab/host.ts';
import type { Running } from '../../test/rigs/lab/run.ts';

/** Windows of xterm: its own title, or the one that the shell in it sets. */
export const XTERM = /xterm|user@h\d/u;

export class Windows {
  readonly #host: LabHost;
  readonly #xev: Running;
  /** Ids and when they were mapped (performance.now). */
  readonly #mapped = new Map<number, number>();
  readonly #listeners = new Set<(id: number) => void>();

  private constructor(host: LabHost, xev: Running) {
    this.#host = host;
    this.#xev = xev;
    let isMap = false;
    createInterface({ input: xev.child.stdout }).on('line', (line) => {
      if (/^\w+ event/u.test(line)) isMap = line.startsWith('MapNotify');
      const id = Number(/ window (0x[\da-f]+), override NO/u.exec(line)?.[1]);
      if (!isMap || Number.isNaN(id)) return;
      this.#mapped.set(id, performance.now());
      for (const listener of this.#listeners) listener(id);
    });
  }

  static async watch(host: LabHost): Promise<Windows> {
    const argv = ['stdbuf', '-oL', 'xev', '-root', '-event', 'substructure'];
    const xev = host.spawn(argv, { env: { ...host.seatEnv }, timeoutMs: 3_600_000 });
    const windows = new Windows(host, xev);
    await windows.#listening();
    return windows;
  }

  /** When the next window with such a name is mapped. @throws Error after `ms` */
  async next(name: RegExp, ms = 60_000): Promise<number> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#listeners.delete(listener);
        reject(new Error(`no window ${name} on ${this.#host.name} within ${ms} ms`));
      }, ms);
      const listener = async (id: number) => {
        const at = this.#mapped.get(id) ?? performance.now();
        if (!(await this.#isCalled(id, name))) return;
        clearTimeout(timer);
        this.#listeners.delete(listener);
        resolve(at);
      };
      this.#listeners.add(listener);
    });
  }

  close(): void {
    this.#xev.kill('SIGKILL');
  }

  /** Some have their name only a moment after they are there. */
  async #isCalled(id: number, name: RegExp): Promise<boolean> {
    for (let attempt = 0; attempt < 10; attempt += 1) {
      if (name.test(await this.#nameOf(id))) return true;
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
    return false;
  }

  async #nameOf(id: number): Promise<string> {
    const env = this.#host.seatEnv;
    return (await this.#host.user(['xdotool', 'getwindowname', String(id)], { env })).stdout;
  }

  /** Maps a window of its own until xev has told of it. */
  async #listening(): Promise<void> {
    const env = this.#host.seatEnv;
    for (let attempt = 0; attempt < 20 && this.#mapped.size === 0; attempt += 1) {
      const probe = this.#host.spawn(['xev', '-name', 'probe', '-event', 'focus'], { env });
      await new Promise((resolve) => setTimeout(resolve, 200));
      probe.kill('SIGKILL');
      await probe.result;
    }
    if (this.#mapped.size === 0) throw new Error(`xev saw no window on ${this.#host.name}`);
  }
}
