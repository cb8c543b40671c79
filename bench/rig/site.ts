/** Machines with agents, for one benchmark. */
import { type Client, connect } from '../../src/client/client.ts';
import type { Host } from '../../src/model/host.ts';
import { pathsOf } from '../../src/protocol/paths.ts';
import { LAB_UID, type LabHost } from '../../test/rigs/lab/host.ts';
import { Desk } from '../../test/rigs/lab/hotdesk.ts';
import { Lab } from '../../test/rigs/lab/lab.ts';
import { until } from '../../test/rigs/until.ts';

export interface SiteOptions {
  readonly hosts: number;
  /** Hosts with Avahi; all by default. */
  readonly avahi?: readonly number[];
  /** Hosts whose agent runs from the start. */
  readonly agents: readonly number[];
}

export class Site {
  readonly lab: Lab;
  readonly #desks: readonly Desk[];

  private constructor(lab: Lab) {
    this.lab = lab;
    this.#desks = lab.hosts.map((host) => new Desk(host));
  }

  /** Does `work` between machines that are there for it alone. */
  static async during<T>(options: SiteOptions, work: (site: Site) => Promise<T>): Promise<T> {
    const { hosts, avahi } = options;
    const lab = await Lab.up({
      hosts,
      seats: true,
      prefix: 'bench',
      net: '10.81.0',
      dir: '/tmp/hotdesk-bench',
      ...(avahi ? { avahi } : {}),
    });
    try {
      const site = new Site(lab);
      for (const number of options.agents) await site.desk(number).ok(['agent', 'start']);
      for (const number of options.agents) await site.#seesAll(number, options.agents);
      return await work(site);
    } finally {
      await lab.down();
    }
  }

  /** Host `number`, from 1, as its user sees it. */
  desk(number: number): Desk {
    const desk = this.#desks[number - 1];
    if (!desk) throw new Error(`there is no host ${number}`);
    return desk;
  }

  async #seesAll(number: number, all: readonly number[]): Promise<void> {
    await until(
      `h${number} has an agent's answer from all`,
      async () => {
        const hosts = await this.desk(number).hosts();
        return hosts.filter(({ state }) => state === 'local' || state === 'agent').length === all.length;
      },
      20_000,
    );
  }
}

/** The API of a host's agent, called from outside the host. */
export async function agentOf(host: LabHost): Promise<Client> {
  const root = `/proc/${host.pid}/root`;
  const paths = pathsOf(
    { HOME: host.home, HOTDESK_RUNTIME_DIR: `${root}/run/user/${LAB_UID}/hotdesk` },
    LAB_UID,
  );
  return connect({ paths, uid: LAB_UID, start: 'never', checks: 'envelope' });
}

/** The hosts that an agent shows, as they change. */
export class HostsOf {
  readonly #client: Client;
  readonly #waiting = new Set<() => void>();
  #hosts: readonly Host[] = [];

  private constructor(client: Client) {
    this.#client = client;
  }

  static async subscribe(host: LabHost): Promise<HostsOf> {
    const hosts = new HostsOf(await agentOf(host));
    hosts.#client.on('catalogue', (data) => hosts.#set(data.hosts));
    hosts.#set((await hosts.#client.call('subscribe', {})).hosts);
    return hosts;
  }

  /** The moment (performance.now) at which `condition` holds. @throws Error after `ms` */
  async when(what: string, condition: (hosts: readonly Host[]) => boolean, ms = 30_000): Promise<number> {
    return new Promise((resolve, reject) => {
      const end = () => {
        clearTimeout(timer);
        this.#waiting.delete(check);
      };
      const check = () => {
        if (!condition(this.#hosts)) return;
        end();
        resolve(performance.now());
      };
      const timer = setTimeout(() => {
        end();
        const seen = this.#hosts
          .slice(0, 5)
          .map(({ name, state, finders }) => `${name} ${state} ${finders.join('+')}`);
        reject(new Error(`not within ${ms} ms: ${what} (${this.#hosts.length} hosts: ${seen.join(', ')})`));
      }, ms);
      this.#waiting.add(check);
      check();
    });
  }

  async status() {
    return this.#client.call('status', {});
  }

  close(): void {
    this.#client.close();
  }

  #set(hosts: readonly Host[]): void {
    this.#hosts = hosts;
    for (const check of [...this.#waiting]) check();
  }
}
