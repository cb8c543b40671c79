import type { Host } from '../src/model/host.ts';
import { type Benchmark, type Row, repeat } from './benchmark.ts';
import { HostsOf, Site } from './rig/site.ts';

const AVAHI = 'host killed: kill -9 of its agent, Avahi there → gone or marked';
const EMBEDDED = 'host killed: kill -9 of its agent, no Avahi → gone or marked';
const CABLE = 'host killed: cable pulled while connected → gone or marked';

export const killed: Benchmark = {
  name: 'killed',
  measures: [AVAHI, EMBEDDED, CABLE],
  async run(options) {
    const [avahi, cable] = await Site.during({ hosts: 2, agents: [1, 2] }, async (site) => {
      const hosts = await HostsOf.subscribe(site.desk(1).host);
      const both = [
        await repeat(options, () => kill(site, hosts)),
        await repeat(options, () => pull(site, hosts)),
      ];
      hosts.close();
      return both;
    });
    const embedded = await Site.during({ hosts: 2, agents: [1, 2], avahi: [] }, async (site) => {
      const hosts = await HostsOf.subscribe(site.desk(1).host);
      const seen = await repeat(options, () => kill(site, hosts));
      hosts.close();
      return seen;
    });
    return [row(AVAHI, avahi ?? []), row(EMBEDDED, embedded), row(CABLE, cable ?? [])];
  },
};

const row = (measure: string, ms: readonly number[]): Row => ({
  measure,
  peer: 'Avahi’s TTL: 75 min for the PTR, 120 s for the SRV',
  unit: 's',
  ours: ms.map((each) => each / 1000),
  theirs: [],
  bound: { kind: 'at-most', value: 10 },
  notes: [],
});

const isConnected = (hosts: readonly Host[]) =>
  hosts.some(({ name, state }) => name === 'h2' && state === 'agent');
/** Neither shown as one that an agent answers on, nor as one that was found and never asked. */
const isGone = (hosts: readonly Host[]) =>
  !hosts.some(
    ({ name, state }) => name === 'h2' && (state === 'agent' || state === 'connecting' || state === 'found'),
  );

async function connected(site: Site, hosts: HostsOf): Promise<void> {
  const look = setInterval(() => void site.desk(1).run(['list', 'h2']), 1500);
  try {
    await hosts.when('h2 answers', isConnected, 60_000);
  } finally {
    clearInterval(look);
  }
}

async function kill(site: Site, hosts: HostsOf): Promise<number> {
  const { host } = site.desk(2);
  await connected(site, hosts);
  const agent = host.processes().find(({ argv }) => argv.slice(-2).join(' ') === 'agent run');
  if (!agent) throw new Error('h2 runs no agent');
  const began = performance.now();
  process.kill(agent.outerPid, 'SIGKILL');
  const ms = (await hosts.when('h2 is gone', isGone, 200_000)) - began;
  await site.desk(2).ok(['agent', 'start']);
  return ms;
}

async function pull(site: Site, hosts: HostsOf): Promise<number> {
  await connected(site, hosts);
  const began = performance.now();
  await site.desk(2).host.link('down');
  const ms = (await hosts.when('h2 is gone', isGone, 200_000)) - began;
  await site.desk(2).host.link('up');
  return ms;
}
