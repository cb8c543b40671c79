/** What finds hosts. One file a finder; this one holds the interface only. */
import type { HotdeskError } from '../kernel/errors.ts';
import type { FinderName, Sighting } from '../model/host.ts';

/** Receives what a finder sees. `found` with a known key replaces what was said of it before. */
export interface FinderSink {
  found(sighting: Sighting): void;
  lost(key: string): void;
  /** Something stands in the way (port taken, no daemon): shown by doctor; the finder goes on trying. */
  problem(error: HotdeskError): void;
}

export interface Finder {
  readonly name: FinderName;
  /** Resolves when the finder listens, not when it has found all. Never called twice without a stop between. */
  start(sink: FinderSink): Promise<void>;
  stop(): Promise<void>;
  /** A connection to what `key` names just broke or failed: look again soon (RFC 6762 §10.4). */
  suspect(key: string): void;
}
