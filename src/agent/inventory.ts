/** The host role: this user's sessions on this machine, over every backend, kept up to date by watching. */

import { toHotdeskError } from '../kernel/errors.ts';
import type { Logger } from '../kernel/log.ts';
import type { Profile } from '../model/profile.ts';
import type { Session } from '../model/session.ts';
import type { Backend, Detected } from '../profiles/backend.ts';
import { familyOf, listers } from '../profiles/extend.ts';
import { Listed } from './listed.ts';

/** Notices that a backend's listing may have changed. */
export interface ChangeWatch {
  stop(): void;
}

export interface InventoryDeps {
  readonly log: Logger;
  backends(): readonly Backend[];
  /** What this machine has of them, by profile name. */
  detect(backends: readonly Backend[], signal: AbortSignal): Promise<ReadonlyMap<string, Detected>>;
  watch(backend: Backend, onChange: () => void): ChangeWatch;
  onChange(): void;
  /** Sessions that `backend` lists are not there any more. */
  onGone(backend: Backend, sessions: readonly Session[]): void;
  /** What was not there is looked for again this long after the last look, in ms. */
  readonly detectEveryMs?: number;
  /** Does a session go to another seat just now? A window opens there, with which a listing would compete. */
  isHandingOver(): boolean;
  /** For tests, in ms. */
  readonly soonMs?: number;
  /** For tests, in ms. */
  readonly handoverMs?: number;
}

const DETECT_EVERY_MS = 10_000;
/** A listing takes the machine's time from what opens just now: it waits so long for that, in ms. */
const SOON_MS = 400;
/** And for the end of a handover, at most so long, in ms. */
const HANDOVER_MS = 5000;
/** What is installed is known after this, or as it was, in ms. */
const DETECT_TIMEOUT_MS = 20_000;

interface Row {
  readonly listed: Listed;
  readonly watch: ChangeWatch;
}

export class Inventory {
  readonly #deps: InventoryDeps;
  /** By family: profiles that extend one another are listed together. */
  readonly #rows = new Map<string, Row>();
  readonly #versions = new Map<string, string>();
  /** Those that were looked for. */
  #known: ReadonlySet<Profile> = new Set();
  #ended = false;
  #started: Promise<unknown> = Promise.resolve();
  #refreshedAt = 0;
  #detectedAt = 0;
  /** Families to be listed soon. */
  readonly #due = new Set<string>();

  constructor(deps: InventoryDeps) {
    this.#deps = deps;
  }

  /** Looks which backends there are, and lists them. A backend that fails keeps none of the others back. */
  async start(): Promise<void> {
    this.#started = this.#detect();
    await this.#started;
  }

  /** Resolves when every backend has been looked for once. */
  async ready(): Promise<void> {
    await this.#started;
  }

  sessions(): Session[] {
    return [...this.#rows.values()].flatMap(({ listed }) => listed.sessions());
  }

  /** Versions by profile name, of those that can be used. */
  versions(): Record<string, string> {
    const names = this.#deps.backends().map(({ profile }) => profile.name);
    return Object.fromEntries(
      names.flatMap((name) => {
        const version = this.#versions.get(name);
        return version === undefined ? [] : [[name, version]];
      }),
    );
  }

  /** Lists every backend now; those that were not there are looked for again, now and then. */
  async refresh(): Promise<void> {
    const now = Date.now();
    this.#refreshedAt = now;
    this.#due.clear();
    const isRenewed = this.#renew();
    const isDue = isRenewed || now - this.#detectedAt >= (this.#deps.detectEveryMs ?? DETECT_EVERY_MS);
    const lists = [...this.#rows.values()].map(({ listed }) => listed.refresh());
    await Promise.all([...lists, isDue ? this.#detect() : undefined]);
    if (isRenewed) this.#deps.onChange();
  }

  /** Lists again unless that was done within `maxAgeMs`: what the user did by hand a moment ago is there. */
  async freshen(maxAgeMs: number): Promise<void> {
    await this.#started;
    if (Date.now() - this.#refreshedAt > maxAgeMs) await this.refresh();
    else await this.#listDue();
  }

  /** Lists these backends in a moment, or after a handover, once however often that is said until then. */
  soon(names: ReadonlySet<string>): void {
    const families = this.#deps
      .backends()
      .filter(({ profile }) => names.has(profile.name))
      .map(({ profile }) => familyOf(profile));
    const isWaiting = this.#due.size > 0;
    for (const family of families) this.#due.add(family);
    if (isWaiting || families.length === 0) return;
    this.#listSoon(Date.now() + (this.#deps.handoverMs ?? HANDOVER_MS));
  }

  #listSoon(deadline: number): void {
    setTimeout(() => {
      if (this.#deps.isHandingOver() && Date.now() < deadline) this.#listSoon(deadline);
      else void this.#listDue();
    }, this.#deps.soonMs ?? SOON_MS).unref();
  }

  async #listDue(): Promise<void> {
    const due = [...this.#due];
    this.#due.clear();
    if (this.#ended) return;
    await Promise.all(due.map((family) => this.#rows.get(family)?.listed.refresh()));
  }

  add(session: Session): void {
    const profile = this.#deps.backends().find((b) => b.profile.name === session.backend)?.profile;
    const row = profile && this.#rows.get(familyOf(profile));
    if (!row) return;
    row.listed.add(session);
    this.soon(new Set([session.backend]));
  }

  stop(): void {
    this.#ended = true;
    for (const { listed, watch } of this.#rows.values()) {
      listed.stop();
      watch.stop();
    }
  }

  /** Lets go of what was listed by profiles that say something else now. @returns whether there are new ones */
  #renew(): boolean {
    const now = new Set(this.#deps.backends().map(({ profile }) => profile));
    const left = [...this.#known].filter((profile) => !now.has(profile));
    for (const profile of left) {
      this.#versions.delete(profile.name);
      const family = familyOf(profile);
      const row = this.#rows.get(family);
      if (row?.listed.backend.profile !== profile) continue;
      row.listed.stop();
      row.watch.stop();
      this.#rows.delete(family);
      // Whoever else is of it may list it from now on.
      for (const each of now) if (familyOf(each) === family) this.#versions.delete(each.name);
    }
    return [...now].some((profile) => !this.#known.has(profile)) || left.length > 0;
  }

  async #detect(): Promise<void> {
    this.#detectedAt = Date.now();
    this.#known = new Set(this.#deps.backends().map(({ profile }) => profile));
    const missing = this.#deps.backends().filter(({ profile }) => !this.#versions.has(profile.name));
    if (missing.length === 0) return;
    try {
      const found = await this.#deps.detect(missing, AbortSignal.timeout(DETECT_TIMEOUT_MS));
      if (this.#ended) return;
      const there = missing.filter(({ profile }) => found.get(profile.name)?.present);
      for (const { profile } of there) {
        this.#versions.set(profile.name, found.get(profile.name)?.version ?? '');
      }
      if (there.length > 0) this.#deps.onChange();
      const wanted = new Set(listers(there.map(({ profile }) => profile)).map(({ name }) => name));
      await Promise.all(
        there.filter(({ profile }) => wanted.has(profile.name)).map((backend) => this.#watch(backend)),
      );
    } catch (error) {
      this.#deps.log.warn({ code: toHotdeskError(error).code }, `backends not found: ${String(error)}`);
    }
  }

  async #watch(backend: Backend): Promise<void> {
    const family = familyOf(backend.profile);
    if (this.#rows.has(family)) return;
    const listed = new Listed(backend, {
      onChange: () => this.#deps.onChange(),
      onGone: (sessions) => this.#deps.onGone(backend, sessions),
      onFailure: ({ code, message }) =>
        this.#deps.log.warn({ backend: backend.profile.name, code }, `listing failed: ${message}`),
    });
    this.#rows.set(family, {
      listed,
      watch: this.#deps.watch(backend, () => {
        if (this.#deps.isHandingOver()) this.soon(new Set([backend.profile.name]));
        else void listed.refresh();
      }),
    });
    await listed.refresh();
  }
}
