/** The applications of the hosts in the menu: asked for one host after the other, after the sessions are there. */
import type { Client } from '../client/client.ts';
import { toHotdeskError } from '../kernel/errors.ts';
import type { Host } from '../model/host.ts';
import type { HostApps, MenuApp } from './menu/input.ts';

/** A list this old is asked for again when somebody looks at the menu, in ms. The host says what has changed. */
const OLD_MS = 60_000;

interface Known {
  shown: HostApps;
  revision: string | undefined;
  /** Undefined: to be asked. */
  askedAt: number | undefined;
}

export interface ApplicationsDeps {
  readonly client: () => Client;
  readonly now: () => number;
  /** In whose language names are. */
  readonly locale: string | undefined;
  readonly onChange: () => void;
}

export class Applications {
  readonly #deps: ApplicationsDeps;
  readonly #known = new Map<string, Known>();
  #working = false;

  constructor(deps: ApplicationsDeps) {
    this.#deps = deps;
  }

  get shown(): ReadonlyMap<string, HostApps> {
    return new Map([...this.#known].map(([key, { shown }]) => [key, shown]));
  }

  /** These hosts are in the menu, the first ones first. */
  want(hosts: readonly Host[]): void {
    const usable = hosts.filter(
      ({ state }) => state === 'local' || state === 'agent' || state === 'agentless',
    );
    const keys = new Set(usable.map(({ key }) => key));
    for (const key of [...this.#known.keys()]) if (!keys.has(key)) this.#known.delete(key);
    for (const key of keys) {
      if (!this.#known.has(key))
        this.#known.set(key, { shown: { state: 'asking' }, revision: undefined, askedAt: undefined });
    }
    void this.#ask();
  }

  /** Somebody looks. */
  freshen(): void {
    const old = this.#deps.now() - OLD_MS;
    for (const known of this.#known.values()) {
      if (known.askedAt !== undefined && known.askedAt < old) known.askedAt = undefined;
    }
    void this.#ask();
  }

  /** It was started just now: it goes to the top. */
  used(host: string, app: string): void {
    const known = this.#known.get(host);
    if (known?.shown.state !== 'known') return;
    const usedAt = this.#deps.now() / 1000;
    const apps = known.shown.apps.map((each) => (each.id === app ? { ...each, usedAt } : each));
    known.shown = { state: 'known', apps };
    this.#deps.onChange();
  }

  async #ask(): Promise<void> {
    if (this.#working) return;
    this.#working = true;
    for (;;) {
      const next = [...this.#known].find(([, { askedAt }]) => askedAt === undefined);
      if (!next) break;
      const [host, known] = next;
      known.askedAt = this.#deps.now();
      await this.#askOne(host, known);
    }
    this.#working = false;
  }

  async #askOne(host: string, known: Known): Promise<void> {
    const { locale, client, onChange } = this.#deps;
    try {
      const { revision, applications } = await client().call('apps.list', {
        host,
        ...(locale === undefined ? {} : { locale }),
        ...(known.revision === undefined ? {} : { known: known.revision }),
      });
      known.revision = revision;
      if (!applications) return;
      const apps = applications.filter((app) => app.hidden === undefined).map(slim);
      known.shown = { state: 'known', apps };
    } catch (error) {
      // What was known before is still the best that there is.
      if (known.shown.state !== 'known')
        known.shown = { state: 'failed', why: toHotdeskError(error).message };
    }
    if (this.#known.get(host) === known) onChange();
  }
}

/** Of each only what the menu shows: hundreds of them are kept. */
function slim({ id, name, categories, icon, usedAt }: MenuApp): MenuApp {
  return {
    ...{ id, name, categories },
    ...(icon === undefined ? {} : { icon }),
    ...(usedAt === undefined ? {} : { usedAt }),
  };
}
