/** What a server says before SSH begins: its name (RFC 4253 §4.2), that it is busy, or something that is no SSH. */
import { HotdeskError } from '../kernel/errors.ts';
import { sanitise } from '../kernel/text.ts';

/** As much of it as is kept. A name has at most 255 bytes; lines may go before it. */
const KEPT = 4096;
/** How sshd says that MaxStartups is reached: OpenSSH since 8.5, and since 9.8. */
const BUSY = /^(?:Exceeded MaxStartups|Not allowed at this time)\s*$/u;

/** It would have been a login, had the server had room for one. To be tried again after a while. */
export class ServerBusy extends HotdeskError {
  /** False: it closed the connection without a word, which can have other reasons too. */
  readonly said: boolean;

  constructor(name: string, said: string) {
    super(
      'connection-refused',
      said === ''
        ? `${name} closes the connection before it says anything.`
        : `${name} takes no more logins for now; it says: ${said}.`,
      {
        hint:
          said === ''
            ? 'Its SSH server may be busy, or refuse this address (hosts.deny, fail2ban, PerSourcePenalties): see its log.'
            : 'Try again in a minute. If it lasts, somebody may be guessing passwords there: see its log, and MaxStartups in its sshd_config.',
      },
    );
    this.said = said !== '';
  }
}

/** Takes the first bytes of a connection. Pure but for what it keeps. */
export class Greeting {
  #bytes: Buffer = Buffer.alloc(0);
  #whole = false;

  push(chunk: Buffer): void {
    if (this.#whole) return;
    this.#bytes = Buffer.concat([this.#bytes, chunk.subarray(0, KEPT - this.#bytes.length)]);
    this.#whole = this.#bytes.length >= KEPT || /(?:^|\n)SSH-[^\n]*\n/u.test(this.#bytes.toString('latin1'));
  }

  /** The server has named itself as one that speaks SSH. */
  get isSsh(): boolean {
    return /(?:^|\n)SSH-/u.test(this.#bytes.toString('latin1'));
  }

  /** What it calls itself; '' before it has. */
  get software(): string {
    return /(?:^|\n)SSH-[^-\n]*-([^\s]{1,100})/u.exec(this.#bytes.toString('latin1'))?.[1] ?? '';
  }

  /** It has said anything at all. */
  get isSomething(): boolean {
    return this.#bytes.length > 0;
  }

  /**
   * What it means that SSH did not come about.
   * @param name of the host, for people
   * @returns undefined when the server speaks SSH: the reason lies further on
   */
  failure(name: string): HotdeskError | undefined {
    if (this.isSsh) return undefined;
    const text = this.#bytes.toString('utf8');
    if (text === '' || BUSY.test(text)) return new ServerBusy(name, sanitise(text.trim(), 100));
    const first = (text.trimStart().split('\n')[0] ?? '').trimEnd();
    // A line of text is worth a look; bytes of a protocol of its own are not.
    const isText = !/[\p{Cc}\ufffd]/u.test(first);
    return new HotdeskError(
      'protocol-error',
      `What answers at the SSH port of ${name} is no SSH server${isText ? `; it says: ${sanitise(first, 100)}` : ''}.`,
      { hint: `Is that the right port? \`ssh -G ${name}\` tells which one is used.` },
    );
  }
}
