/**
 * Session channels over as many SSH connections as the server needs: sshd allows MaxSessions (10
 * unless configured, sshd_config(5)) on each, and says only "open failed" over that. Forwards are
 * not counted there.
 */
import type { PseudoTtyOptions, SFTPWrapper } from 'ssh2';
import { cancelled, sleep, throwIfAborted } from '../kernel/abort.ts';
import { HotdeskError, toHotdeskError } from '../kernel/errors.ts';
import { sanitise } from '../kernel/text.ts';
import { Brink, isBrittle, type Ledge } from './brink.ts';
import type { Line } from './line.ts';
import { execOpening, NothingDone, type Opening, type Running, sftpOpening } from './openings.ts';

/** Connections to one host; a command beyond them waits its turn. */
const MAX_LINES = 4;
/** A further connection that has carried nothing for this long is closed. */
const SPARE_MS = 60_000;
/** How long a command waits for its turn where no further connection can be had, or for one that may end to end: brink.ts. */
const TURN_MS = 15_000;
/**
 * How long no further connection is tried after one that could not be had, in ms: where somebody would have
 * to be asked (a key agent that was locked may be open by then; servers count logins in vain), and else.
 */
const LOCKED_MS = 10 * 60_000;
const AGAIN_MS = 5000;
/** How often a refusal is taken for a server that is not done with the last session yet. */
const REFUSALS = 3;
/** How often a command is sent again that the server did not take. */
const REPEATS = 3;
/** ssh2's words for it. */
const NOT_TAKEN = /^Unable to (?:exec|request a pseudo-terminal|start subsystem: sftp)$/u;
const REFUSAL_MS = 100;
/** After a channel that came to nothing, until its process there has ended too. */
const AFTERMATH_MS = 300;

interface Slot extends Ledge {
  readonly line: Line;
  open: number;
  /** Learned from the server's first refusal. */
  limit: number;
  idle: NodeJS.Timeout | undefined;
}

export class Sessions {
  readonly #slots: Slot[];
  readonly #dialSpare: () => Promise<Line>;
  readonly #name: string;
  readonly #waiting: (() => void)[] = [];
  #dialling: Promise<void> | undefined;
  /** Why there can be no further connection, and until when that is taken to be so, by performance.now(). */
  #alone: { readonly error: HotdeskError; readonly until: number } | undefined;

  /** @param dialSpare makes a further connection to the same host as the same user */
  constructor(first: Line, name: string, dialSpare: () => Promise<Line>) {
    this.#slots = [{ line: first, open: 0, limit: Number.POSITIVE_INFINITY, idle: undefined, ending: 0 }];
    this.#name = name;
    this.#dialSpare = dialSpare;
  }

  /** Channels now open. */
  get open(): number {
    return this.#slots.reduce((sum, slot) => sum + slot.open, 0);
  }

  /**
   * Opens a channel on which the login shell runs `command`.
   * @throws HotdeskError `limit-exceeded` when the server allows no session at all, or no more, `connection-lost`, `cancelled`
   */
  exec(command: string, pty: PseudoTtyOptions | undefined, signal?: AbortSignal): Promise<Running> {
    return this.#open(execOpening(this.#name, command, pty, signal), signal);
  }

  /** Opens the SFTP subsystem. @throws HotdeskError `not-supported` where there is none; as exec does */
  sftp(signal?: AbortSignal): Promise<SFTPWrapper> {
    return this.#open(sftpOpening(this.#name, signal), signal);
  }

  async #open<T>(opening: Opening<T>, signal?: AbortSignal): Promise<T> {
    for (let refusals = 0, repeats = 0, hurried = false; ; ) {
      throwIfAborted(signal);
      const slot = this.#slots.find((s) => hasRoom(s) && (hurried || isSafe(s)));
      if (!slot) {
        hurried = await this.#room(signal);
        continue;
      }
      const opened = await this.#tryOn(slot, opening, refusals >= REFUSALS, repeats >= REPEATS);
      if (opened === 'gone') continue;
      if (opened === 'not-taken') {
        repeats += 1;
        await sleep(REFUSAL_MS, signal);
        continue;
      }
      if (opened === 'no-room') {
        // With nothing else open, the server may still be clearing up after the last one.
        if (slot.open === 0) {
          refusals += 1;
          await sleep(REFUSAL_MS, signal);
        }
        continue;
      }
      if (signal?.aborted) {
        opening.discard(opened);
        throw cancelled(signal);
      }
      return opened;
    }
  }

  close(): void {
    for (const slot of this.#slots) {
      clearTimeout(slot.idle);
      slot.line.close();
    }
    this.#wakeAll();
  }

  /**
   * `no-room` lowers the slot's limit. `gone`: a further connection that had died unseen. `not-taken`: the channel was closed, or the request refused,
   * before the command ran, as dropbear does by mistake (brink.ts).
   */
  async #tryOn<T>(
    slot: Slot,
    opening: Opening<T>,
    isLast: boolean,
    isLastRepeat: boolean,
  ): Promise<T | 'no-room' | 'not-taken' | 'gone'> {
    clearTimeout(slot.idle);
    slot.open += 1;
    const brink = new Brink(slot, () => this.#waiting.shift()?.());
    try {
      const opened = await opening.open(slot.line, brink);
      opening.watch(opened, () => {
        brink.close();
        this.#release(slot);
      });
      return opened;
    } catch (cause) {
      if (isBrittle(slot.line.software)) setTimeout(brink.close, AFTERMATH_MS).unref();
      else brink.close();
      this.#release(slot);
      if (!(cause instanceof Error)) throw cause;
      if (!slot.line.isOpen()) {
        if (cause instanceof NothingDone && slot !== this.#slots[0]) return 'gone';
        throw new HotdeskError('connection-lost', `The connection to ${this.#name} broke.`, { cause });
      }
      if (!('reason' in cause)) {
        if (!isLastRepeat && NOT_TAKEN.test(cause.message)) return 'not-taken';
        throw cause instanceof HotdeskError ? cause : opening.refused(cause);
      }
      if (slot.open === 0 && isLast) {
        throw new HotdeskError(
          'limit-exceeded',
          `${this.#name} opens no session: ${sanitise(cause.message)}.`,
          {
            cause,
            hint: 'Look at MaxSessions in its sshd_config.',
          },
        );
      }
      if (slot.open > 0) slot.limit = Math.min(slot.limit, slot.open);
      return 'no-room';
    }
  }

  #release(slot: Slot): void {
    slot.open -= 1;
    this.#waiting.shift()?.();
    if (slot.open === 0 && slot !== this.#slots[0]) this.#rest(slot);
  }

  /**
   * Resolves when there may be room: on a new connection, or because a command ended.
   * @returns whether it was waited for so long that a command which may end is no reason to wait further
   */
  async #room(signal?: AbortSignal): Promise<boolean> {
    const first = this.#slots[0];
    if (!first?.line.isOpen()) {
      throw new HotdeskError('connection-lost', `The connection to ${this.#name} broke.`);
    }
    if (!this.#dialling && !this.#refusal() && this.#slots.length < MAX_LINES) {
      // Without the caller's signal: others wait for it too.
      this.#dialling = this.#addLine().finally(() => {
        this.#dialling = undefined;
        this.#wakeAll();
      });
    }
    return this.#turn(signal);
  }

  /** Why there can be no further connection just now. */
  #refusal(): HotdeskError | undefined {
    return this.#alone && performance.now() < this.#alone.until ? this.#alone.error : undefined;
  }

  #wakeAll(): void {
    for (const wake of this.#waiting.splice(0)) wake();
  }

  /** Resolves when a command has ended, or a connection has come or gone. @throws HotdeskError `limit-exceeded` where that is all that can be waited for, and it takes long */
  #turn(signal?: AbortSignal): Promise<boolean> {
    return new Promise<boolean>((resolve, reject) => {
      const settle = (error?: HotdeskError, hurried = false) => {
        clearTimeout(limit);
        signal?.removeEventListener('abort', onAbort);
        const at = this.#waiting.indexOf(wake);
        if (at >= 0) this.#waiting.splice(at, 1);
        if (error) reject(error);
        else resolve(hurried);
      };
      const wake = () => settle();
      const onAbort = () => settle(cancelled(signal));
      const alone = this.#refusal();
      const onLimit = () =>
        settle(this.#slots.some(hasRoom) || !alone ? undefined : noTurn(this.#name, alone), true);
      const limit = alone || this.#slots.some(hasRoom) ? setTimeout(onLimit, TURN_MS) : undefined;
      signal?.addEventListener('abort', onAbort, { once: true });
      this.#waiting.push(wake);
    });
  }

  async #addLine(): Promise<void> {
    let line: Line;
    try {
      line = await this.#dialSpare();
    } catch (cause) {
      const error = toHotdeskError(cause);
      const pause = error.code === 'auth-failed' ? LOCKED_MS : AGAIN_MS;
      this.#alone = { error, until: performance.now() + pause };
      return;
    }
    if (!this.#slots[0]?.line.isOpen()) {
      line.close();
      return;
    }
    const slot: Slot = { line, open: 0, limit: this.#slots[0].limit, idle: undefined, ending: 0 };
    this.#slots.push(slot);
    // Whoever it was made for may have found room, or given up.
    this.#rest(slot);
    void line.closed.then(() => {
      clearTimeout(slot.idle);
      const at = this.#slots.indexOf(slot);
      if (at > 0) this.#slots.splice(at, 1);
      this.#wakeAll();
    });
  }

  /** Nothing runs over a further connection: it is closed in a while. */
  #rest(slot: Slot): void {
    slot.idle = setTimeout(() => slot.line.close(), SPARE_MS);
    slot.idle.unref();
  }
}

function hasRoom(slot: Slot): boolean {
  return slot.line.isOpen() && slot.open < slot.limit;
}

function isSafe(slot: Slot): boolean {
  return slot.ending === 0 || !isBrittle(slot.line.software);
}

function noTurn(name: string, cause: HotdeskError): HotdeskError {
  const needsPerson = cause.code === 'auth-failed';
  return new HotdeskError(
    'limit-exceeded',
    needsPerson
      ? `${name} allows no more sessions on a connection, and a further connection would have to ask for the password.`
      : `${name} allows no more sessions on a connection, and a further connection failed: ${cause.message}`,
    {
      cause,
      hint: needsPerson
        ? `Have it log in by key: hotdesk setup ${name}. Or raise MaxSessions in its sshd_config.`
        : 'Try again in a moment, or raise MaxSessions in its sshd_config.',
    },
  );
}
