/** What publishes this host. Implementations: Avahi over D-Bus, embedded mDNS, and the switch between them. */
import type { HotdeskError } from '../kernel/errors.ts';

/** One `_hotdesk._tcp` instance, its TXT already encoded (protocol/txt). */
export interface Publication {
  /** Instance name, unique on the link: bare host name and a suffix of the host and agent id. ≤ 63 bytes of UTF-8. */
  readonly instance: string;
  /** Bare host name, without `.local`. */
  readonly hostName: string;
  /** Port of sshd: what a peer connects to. */
  readonly port: number;
  /** TXT strings in order, each ≤ 255 bytes (RFC 6763 §6). */
  readonly txt: readonly Buffer[];
}

export interface Advertiser {
  readonly name: 'avahi' | 'embedded';
  /** Publishes; resolves once it is announced. */
  start(publication: Publication): Promise<void>;
  /** Changes the TXT (and only that) without a flap: at most one packet a second goes out. */
  update(txt: readonly Buffer[]): Promise<void>;
  /** Says goodbye and ends. */
  stop(): Promise<void>;
  /** Called when this advertiser can go on no longer (daemon gone, socket dead). */
  onFailure(listener: (error: HotdeskError) => void): void;
}
