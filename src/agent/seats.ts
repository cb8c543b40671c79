/** The graphical logins of this machine that registered, while their display answers. */
import { connect } from 'node:net';
import { HotdeskError } from '../kernel/errors.ts';
import type { Seat } from '../model/seat.ts';

export interface TakenSeat {
  readonly seat: Seat;
  /** Rejects with `no-seat` where its display does not answer. */
  readonly answers: Promise<void>;
}

export class Seats {
  readonly #seats = new Map<string, Seat>();
  readonly #onChange: (seats: readonly Seat[]) => void;
  readonly #answers: (seat: Seat) => Promise<boolean>;

  /** @param answers whether a seat's display accepts a connection; replaced in tests */
  constructor(onChange: (seats: readonly Seat[]) => void, answers = displayAnswers) {
    this.#onChange = onChange;
    this.#answers = answers;
  }

  /** @throws HotdeskError `no-seat` when the display does not answer */
  async register(seat: Seat): Promise<void> {
    const before = this.#seats.get(seat.id);
    if (before && JSON.stringify(before) === JSON.stringify(seat)) {
      this.#touch(seat);
      return;
    }
    if (!(await this.#answers(seat))) {
      throw new HotdeskError('no-seat', `The display ${seat.id} does not answer.`, {
        hint: 'Check DISPLAY and XAUTHORITY.',
      });
    }
    this.#touch(seat);
    this.#onChange(this.all());
  }

  /** Latest registered first. */
  all(): readonly Seat[] {
    return [...this.#seats.values()].reverse();
  }

  /**
   * The seat with that id, or the latest one; dead ones are dropped on the way.
   * @throws HotdeskError `no-seat`, `unknown-seat`
   */
  async pick(id: string | undefined): Promise<Seat> {
    if (id !== undefined) {
      const { seat, answers } = this.take(id);
      await answers;
      return seat;
    }
    for (const seat of this.all()) if (await this.#isAlive(seat)) return seat;
    throw nobodyHere();
  }

  /**
   * The seat with that id, for who need not wait until its display has answered. `answers` rejects with `no-seat`
   * where it does not; it is dropped then.
   * @throws HotdeskError `unknown-seat`
   */
  take(id: string): TakenSeat {
    const seat = this.#seats.get(id);
    if (!seat) {
      throw new HotdeskError('unknown-seat', `There is no seat ${id} here.`, {
        candidates: this.all().map((s) => s.id),
      });
    }
    const answers = this.#isAlive(seat).then((isAlive) => {
      if (!isAlive) throw nobodyHere();
    });
    return { seat, answers };
  }

  async #isAlive(seat: Seat): Promise<boolean> {
    if (await this.#answers(seat)) return true;
    this.#seats.delete(seat.id);
    this.#onChange(this.all());
    return false;
  }

  #touch(seat: Seat): void {
    this.#seats.delete(seat.id);
    this.#seats.set(seat.id, seat);
  }
}

function nobodyHere(): HotdeskError {
  return new HotdeskError('no-seat', 'Nobody is logged in to a display here that hotdesk knows.', {
    hint: 'Run any hotdesk command (say `hotdesk list`) in a terminal on that display once.',
  });
}

/** Where a display's server listens: X(7) DISPLAY names, or the Wayland socket; undefined over TCP. */
export function displaySocket(seat: Seat): string | undefined {
  if (seat.kind === 'wayland') {
    const name = seat.env.WAYLAND_DISPLAY ?? '';
    return name.startsWith('/') ? name : `${seat.env.XDG_RUNTIME_DIR ?? ''}/${name}`;
  }
  const local = /^(?:unix)?:(\d+)(?:\.\d+)?$/u.exec(seat.env.DISPLAY ?? '');
  return local ? `/tmp/.X11-unix/X${local[1]}` : undefined;
}

/** A display over TCP (ssh -X) cannot be looked at without its cookie: taken as it is. */
function displayAnswers(seat: Seat): Promise<boolean> {
  const path = displaySocket(seat);
  if (path === undefined) return Promise.resolve(true);
  return new Promise((resolve) => {
    const socket = connect(path);
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => {
      // Without the file there may still be the abstract socket.
      const abstract = connect(`\0${path}`);
      abstract.once('connect', () => {
        abstract.destroy();
        resolve(true);
      });
      abstract.once('error', () => resolve(false));
    });
  });
}
