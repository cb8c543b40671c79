/** A backend as somebody drives it who knows its commands: typed over a warm ControlMaster (ssh_config(5)). */
import type { LabHost } from '../../test/rigs/lab/host.ts';
import type { Running } from '../../test/rigs/lab/run.ts';

/** Shell text each. `$N` is the session's name, and in what follows the start, what `start` printed as `NAME=value`. */
export interface ByHand {
  /** There, at its user's home: starts the session. Returns when a viewer can come. */
  readonly start: string;
  /** There, before each further viewer; prints as `start` does. */
  readonly again?: string;
  /** What `ssh -L` gets. `$W` is a private folder here. */
  readonly forward: string;
  /** Here: what ends as the viewer, by `exec`. */
  readonly viewer: string;
  /** There, when the viewer of the start runs. */
  readonly inside?: string;
  /** There: has a viewer leave, which otherwise is ended. Returns when another can come. */
  readonly leave?: string;
  /** There: ends the session. */
  readonly stop: string;
}

const MASTER = 'bench-master';
const FOLDER = '/home/user/by-hand';

/** Somebody at `here` who works on `there`. */
export class Hands {
  readonly #here: LabHost;
  readonly #there: LabHost;
  readonly #shown: () => Promise<number>;
  readonly #hand: ByHand;

  private constructor(here: LabHost, there: LabHost, shown: () => Promise<number>, hand: ByHand) {
    this.#here = here;
    this.#there = there;
    this.#shown = shown;
    this.#hand = hand;
  }

  /** @param shown the moment at which the session is seen next */
  static async at(here: LabHost, there: LabHost, shown: () => Promise<number>, hand: ByHand): Promise<Hands> {
    const hands = new Hands(here, there, shown, hand);
    await hands.#must(
      `mkdir -m 700 "$W" && ssh -S "$W/${MASTER}" -M -f -N -o BatchMode=yes "$HOST" >/dev/null 2>&1`,
      '',
    );
    return hands;
  }

  /** Starts a session and its viewer: ms until it is seen. */
  start(name: string): Promise<{ readonly ms: number; readonly viewer: Running }> {
    const { inside, forward, viewer } = this.#hand;
    const show = inside === undefined ? viewer : `(${viewer}) &\n${this.#onHost(inside)}\nwait`;
    return this.#untilShown(name, [this.#place(this.#hand.start), this.#ssh(forward), show].join('\n'));
  }

  /** Opens a viewer on a session that is there: ms until it is seen. */
  attach(name: string): Promise<{ readonly ms: number; readonly viewer: Running }> {
    const { again, forward, viewer } = this.#hand;
    const place = again === undefined ? '. "$W/$N.place"' : this.#place(again);
    return this.#untilShown(name, [place, this.#ssh(forward), viewer].join('\n'));
  }

  /** Ends a viewer, and the forward that it had. */
  async close(name: string, viewer: Running): Promise<void> {
    const { leave } = this.#hand;
    if (leave === undefined) viewer.kill('SIGTERM');
    else await this.#must(`. "$W/$N.place"\n${this.#onHost(leave)}`, name);
    const late = setTimeout(() => viewer.kill('SIGKILL'), 5000);
    await viewer.result;
    clearTimeout(late);
    const cancel = `ssh -S "$W/${MASTER}" -O cancel -L "${this.#hand.forward}" "$HOST"; rm -f "$W/$N.sock"`;
    await this.#must(`. "$W/$N.place"\n${cancel}`, name);
  }

  /** Ends a session. */
  async stop(name: string): Promise<void> {
    await this.#must(`. "$W/$N.place"\n${this.#onHost(this.#hand.stop)}`, name);
  }

  /** Ends the connection. */
  async leave(): Promise<void> {
    await this.#must(`ssh -S "$W/${MASTER}" -O exit "$HOST"; rm -rf "$W"`, '');
  }

  /** Runs a script there, as its user, by the connection that there is. */
  #onHost(script: string, then = ''): string {
    const command = `ssh -S "$W/${MASTER}" "$HOST" sh -s "$N" <<'END-OF-SCRIPT' ${then}`;
    return `${command}\nN=$1\n${script}\nEND-OF-SCRIPT`;
  }

  #place(script: string): string {
    return `${this.#onHost(script, '>"$W/$N.place" || exit 1')}\n. "$W/$N.place"`;
  }

  #ssh(forward: string): string {
    return `ssh -S "$W/${MASTER}" -O forward -L "${forward}" "$HOST" || exit 1`;
  }

  async #untilShown(name: string, script: string): Promise<{ ms: number; viewer: Running }> {
    const shown = this.#shown();
    const began = performance.now();
    const viewer = this.#here.spawn(['sh', '-c', script], {
      env: { ...this.#here.seatEnv, ...this.#env(name) },
      timeoutMs: 3_600_000,
    });
    const ended = viewer.result.then(({ stderr }) => {
      throw new Error(`by hand it ended: ${stderr.slice(-1500)}`);
    });
    ended.catch(() => {});
    try {
      return { ms: (await Promise.race([shown, ended])) - began, viewer };
    } catch (error) {
      viewer.kill('SIGKILL');
      throw error;
    }
  }

  async #must(script: string, name: string): Promise<void> {
    const { code, stderr } = await this.#here.user(['sh', '-c', script], { env: this.#env(name) });
    if (code !== 0) throw new Error(`by hand: ${script}: ${stderr}`);
  }

  #env(name: string): Readonly<Record<string, string>> {
    return { HOST: `user@${this.#there.ip}`, W: FOLDER, N: name };
  }
}
