/** The certificates of RDP hosts that the user has said yes to, in a file of hotdesk's own. */
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import * as z from 'zod/mini';
import { HotdeskError } from '../../kernel/errors.ts';
import type { RdpPlace } from '../../model/host.ts';
import { RDP_PORT } from '../../model/rdp-target.ts';

const LIMIT = 4000;
const Fingerprint = z.string().check(z.regex(/^(?:[0-9a-f]{2}:){31}[0-9a-f]{2}$/u));
const Pins = z.record(z.string().check(z.maxLength(300)), Fingerprint);

/**
 * The name that a certificate is kept under: what the user calls the machine, or its name on the link, which
 * mean the same with and without `.local`. The port counts where the user typed it: an advert's is its claim,
 * and another port makes no other machine of it.
 */
export function pinNameOf({ host, port, typed }: RdpPlace): string {
  const bare = host
    .toLowerCase()
    .replace(/\.$/u, '')
    .replace(/\.local$/u, '');
  if (!typed || port === RDP_PORT) return bare;
  return bare.includes(':') ? `[${bare}]:${port}` : `${bare}:${port}`;
}

export class RdpPins {
  readonly #file: string;

  /** @param stateDir of hotdesk; the file is `rdp-hosts.json` in it */
  constructor(stateDir: string) {
    this.#file = path.join(stateDir, 'rdp-hosts.json');
  }

  /** @throws HotdeskError `unsafe-file`: what was recorded cannot be read, so nobody is believed */
  get(name: string): string | undefined {
    const pins = this.#read();
    return Object.hasOwn(pins, name) ? pins[name] : undefined;
  }

  /** @throws HotdeskError `unsafe-file`, `limit-exceeded` */
  set(name: string, fingerprint: string): void {
    const pins = { ...this.#read(), [name]: fingerprint };
    if (Object.keys(pins).length > LIMIT) {
      throw new HotdeskError('limit-exceeded', `${this.#file} has ${LIMIT} hosts already.`);
    }
    mkdirSync(path.dirname(this.#file), { recursive: true, mode: 0o700 });
    const fresh = `${this.#file}.${process.pid}`;
    writeFileSync(fresh, `${JSON.stringify(pins, undefined, 2)}\n`, { mode: 0o600 });
    renameSync(fresh, this.#file);
  }

  #read(): Readonly<Record<string, string>> {
    try {
      return Pins.parse(JSON.parse(readFileSync(this.#file, 'utf8')));
    } catch (cause) {
      if (cause instanceof Error && 'code' in cause && cause.code === 'ENOENT') return {};
      throw new HotdeskError(
        'unsafe-file',
        `${this.#file} cannot be read as the certificates of RDP hosts.`,
        {
          hint: 'Look at it; remove it to say anew which hosts you trust.',
          cause,
        },
      );
    }
  }
}
