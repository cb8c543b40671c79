/**
 * Commands that are about to end, for servers that cannot bear it. dropbear 2020.79 to 2024.85 closes
 * every session channel that is open and has no command yet when the process of another one ends
 * (its issue 321); the command that comes then ends the whole connection. So nothing is opened on a
 * connection to such a server beside a command that may end at any moment.
 */

/** @param software of the server, as it names itself (RFC 4253 §4.2): `dropbear_2022.83` */
export function isBrittle(software: string): boolean {
  return /^dropbear_(?:202[0-3]\.|2024\.8[0-5]\b)/u.test(software);
}

/** How many commands of one connection are on the brink. */
export interface Ledge {
  ending: number;
}

/** One command. On the brink from the beginning. Pure. */
export class Brink {
  readonly #ledge: Ledge;
  readonly #onLeave: () => void;
  #state: 'on' | 'off' | 'closed' = 'on';

  /** @param onLeave called when it is on the brink no more */
  constructor(ledge: Ledge, onLeave: () => void) {
    this.#ledge = ledge;
    this.#onLeave = onLeave;
    ledge.ending += 1;
  }

  /** It is not to end soon. */
  readonly leave = (): void => {
    if (this.#state !== 'on') return;
    this.#state = 'off';
    this.#ledge.ending -= 1;
    this.#onLeave();
  };

  /** It is about to end after all. */
  readonly comeBack = (): void => {
    if (this.#state !== 'off') return;
    this.#state = 'on';
    this.#ledge.ending += 1;
  };

  /** It has ended. */
  readonly close = (): void => {
    this.leave();
    this.#state = 'closed';
  };
}
