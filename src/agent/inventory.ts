/** The host role: this user's sessions on this machine, over every backend, kept up to date by watching. */

import { toHotdeskError } from '../kernel/errors.ts';
import type { Logger } from '../kernel/log.ts';
import type { Session } from '../model/session.ts';
import type { Backend } from '../profiles/backend.ts';

/** Notices that a backend's listing may have changed. */
export interface ChangeWatch {
  stop(): void;
}

export interface InventoryDeps {
  readonly log: Logger;
  backends(): readonly Backend[];
  watch(backend: Backend, onChange: () => void): ChangeWatch;
  onChange(): void;
}

/** A backend that does not answer in this time is taken as it was, in ms. */
const LIST_TIMEOUT_MS = 15_000;

interface Row {
  readonly backend: Backend;
  readonly version: string;
  readonly watch: ChangeWatch;
  sessions: readonly Session[];
  listing: Promise<void> | undefined;
  again: boolean;
}

export class Inventory {
  readonly #deps: InventoryDeps;
  readonly #rows = new Map<string, Row>();
  #ended = false;
  #started: Promise<unknown> = Promise.resolve();
  #refreshedAt = 0;

  constructor(deps: InventoryDeps) {
    this.#deps = deps;
  }

  /** Looks which backends there are, and lists them. A backend that fails keeps none of the others back. */
  async start(): Promise<void> {
    this.#started = Promise.all(this.#deps.backends().map((backend) => this.#detect(backend)));
    await this.#started;
  }

  /** Resolves when every backend has been looked for once. */
  async ready(): Promise<void> {
    await this.#started;
  }

  sessions(): Session[] {
    return [...this.#rows.values()].flatMap((row) => row.sessions);
  }

  /** Versions by profile name, of those that can be used. */
  versions(): Record<string, string> {
    return Object.fromEntries([...this.#rows].map(([name, row]) => [name, row.version]));
  }

  /** Lists every backend now; one that was not there is looked for again. */
  async refresh(): Promise<void> {
    this.#refreshedAt = Date.now();
    const missing = this.#deps.backends().filter((b) => !this.#rows.has(b.profile.name));
    await Promise.all([
      ...[...this.#rows.values()].map((row) => this.#list(row)),
      ...missing.map((backend) => this.#detect(backend)),
    ]);
  }

  /** Lists again unless that was done within `maxAgeMs`: what the user did by hand a moment ago is there. */
  async freshen(maxAgeMs: number): Promise<void> {
    await this.#started;
    if (Date.now() - this.#refreshedAt > maxAgeMs) await this.refresh();
  }

  add(session: Session): void {
    const row = this.#rows.get(session.backend);
    if (!row) return;
    row.sessions = [...row.sessions.filter((s) => s.localId !== session.localId), session];
    this.#deps.onChange();
    void this.#list(row);
  }

  stop(): void {
    this.#ended = true;
    for (const row of this.#rows.values()) row.watch.stop();
  }

  async #detect(backend: Backend): Promise<void> {
    const { name } = backend.profile;
    try {
      const found = await backend.detect(AbortSignal.timeout(LIST_TIMEOUT_MS));
      if (!found.present || this.#ended || this.#rows.has(name)) return;
      const row: Row = {
        backend,
        version: found.version ?? '',
        sessions: [],
        listing: undefined,
        again: false,
        watch: this.#deps.watch(backend, () => void this.#list(row)),
      };
      this.#rows.set(name, row);
      this.#deps.onChange();
      await this.#list(row);
    } catch (error) {
      this.#deps.log.warn(
        { backend: name, code: toHotdeskError(error).code },
        `not usable: ${String(error)}`,
      );
    }
  }

  /** One listing at a time for each backend; a change meanwhile leads to one more. */
  #list(row: Row): Promise<void> {
    if (row.listing) {
      row.again = true;
      return row.listing;
    }
    row.listing = this.#listNow(row).finally(() => {
      row.listing = undefined;
    });
    return row.listing;
  }

  async #listNow(row: Row): Promise<void> {
    do {
      row.again = false;
      try {
        const sessions = await row.backend.list(AbortSignal.timeout(LIST_TIMEOUT_MS));
        if (this.#ended) return;
        const changed = JSON.stringify(sessions) !== JSON.stringify(row.sessions);
        row.sessions = sessions;
        if (changed) this.#deps.onChange();
      } catch (error) {
        const { code, message } = toHotdeskError(error);
        this.#deps.log.warn({ backend: row.backend.profile.name, code }, `listing failed: ${message}`);
      }
    } while (row.again && !this.#ended);
  }
}
