import { createInterface } from 'node:readline';
import type { LabHost } from '../test/rigs/lab/host.ts';
import { alternate, type Benchmark, type BenchmarkOptions, type Row, repeat } from './benchmark.ts';
import { HostsOf, Site } from './rig/site.ts';

const MEASURE = 'host appears: agent start → listed elsewhere';
const EMBEDDED = 'host appears, no Avahi on either side';

export const appears: Benchmark = {
  name: 'appears',
  measures: [MEASURE, EMBEDDED],
  async run(options) {
    const withAvahi = await Site.during({ hosts: 2, agents: [1] }, (site) => measure(options, site));
    const without = await Site.during({ hosts: 2, agents: [1], avahi: [] }, (site) => ourSide(options, site));
    return [
      {
        measure: MEASURE,
        peer: 'avahi-publish → avahi-browse',
        unit: 'ms',
        ...withAvahi,
        bound: { kind: 'ratio-at-most', value: 1.3 },
        notes: ['From the command’s start; Node starts twice in ours, for the command and for the agent.'],
      },
      {
        measure: EMBEDDED,
        peer: 'avahi-publish → avahi-browse',
        unit: 'ms',
        ours: without,
        theirs: withAvahi.theirs,
        bound: { kind: 'ratio-at-most', value: 1.3 },
        notes: [
          'Not in turn: the peer’s figures are those of the row with Avahi, so its range over pairs says nothing.',
        ],
      },
    ] satisfies Row[];
  },
};

async function measure(options: BenchmarkOptions, site: Site) {
  const hosts = await HostsOf.subscribe(site.desk(1).host);
  const browser = new Browser(site.desk(1).host);
  let round = 0;
  const theirs = async () => {
    round += 1;
    const name = `bench-${round}`;
    const found = browser.when('+', name);
    const began = performance.now();
    const publisher = site.desk(2).host.spawn(['avahi-publish', '-s', name, '_benchpeer._tcp', '22']);
    const ms = (await found) - began;
    const lost = browser.when('-', name);
    publisher.kill();
    await lost;
    return ms;
  };
  const seen = await alternate(options, () => ours(site, hosts), theirs);
  browser.close();
  hosts.close();
  return seen;
}

async function ourSide(options: BenchmarkOptions, site: Site) {
  const hosts = await HostsOf.subscribe(site.desk(1).host);
  const seen = await repeat(options, () => ours(site, hosts));
  hosts.close();
  return seen;
}

async function ours(site: Site, hosts: HostsOf): Promise<number> {
  const began = performance.now();
  const command = site.desk(2).ok(['agent', 'start']);
  const isListed = hosts.when('h2 is listed', (all) =>
    all.some(({ name, adverts }) => name === 'h2' && adverts.length > 0),
  );
  const ms = (await isListed) - began;
  await command;
  await site.desk(2).ok(['agent', 'stop']);
  await hosts.when(
    'h2 is gone',
    (all) => !all.some(({ name, adverts }) => name === 'h2' && adverts.length > 0),
  );
  return ms;
}

class Browser {
  readonly #browse: ReturnType<LabHost['spawn']>;
  readonly #waiting = new Map<string, (at: number) => void>();

  constructor(host: LabHost) {
    this.#browse = host.spawn(['stdbuf', '-oL', 'avahi-browse', '-p', '_benchpeer._tcp'], {
      timeoutMs: 3_600_000,
    });
    createInterface({ input: this.#browse.child.stdout }).on('line', (line) => {
      const [event, , , name] = line.split(';');
      const key = `${event} ${name}`;
      this.#waiting.get(key)?.(performance.now());
      this.#waiting.delete(key);
    });
  }

  when(event: '+' | '-', name: string): Promise<number> {
    return new Promise((resolve) => this.#waiting.set(`${event} ${name}`, resolve));
  }

  close(): void {
    this.#browse.kill();
  }
}
