import { createInterface } from 'node:readline';
import { encodeTxt } from '../src/protocol/txt.ts';
import type { LabHost } from '../test/rigs/lab/host.ts';
import type { Running } from '../test/rigs/lab/run.ts';
import { until } from '../test/rigs/until.ts';
import { alternate, type Benchmark, type BenchmarkOptions, type Row } from './benchmark.ts';
import { buildProgram } from './rig/program.ts';
import { HostsOf, Site } from './rig/site.ts';

const MEASURE = '1,000 instances on the link → all listed';
const COUNT = 1000;
/** Avahi's daemon may take long to hear of the last ones. */
const GIVE_UP_MS = 90_000;
const PUBLISHERS = [2, 3] as const;

export const thousand: Benchmark = {
  name: 'thousand',
  measures: [MEASURE],
  run: (options) => Site.during({ hosts: 3, agents: [], avahi: [1] }, (site) => measure(options, site)),
};

async function measure(options: BenchmarkOptions, site: Site): Promise<readonly Row[]> {
  const program = await buildProgram('thousand/publisher.ts');
  const publishers: Running[] = [];
  try {
    const each = COUNT / PUBLISHERS.length;
    for (const [index, number] of PUBLISHERS.entries()) {
      publishers.push(await publish(site.desk(number).host, program.inLab, index * each, each));
    }
    await site.desk(1).host.service('avahi', 'stop');
    const quitters: number[] = [];
    const seen = await alternate(
      options,
      () => ours(site),
      () => theirs(site, quitters),
    );
    return [
      {
        measure: MEASURE,
        peer: 'avahi-browse -rp, its daemon just started',
        unit: 'ms',
        ...seen,
        bound: { kind: 'ratio-at-most', value: 0.3 },
        notes: [
          'Ours is from `hotdesk agent run` on a machine without Avahi to the list in its API, Node’s start included.',
          `The peer runs without -t, until it has all: with it, it ended after a second with ${quitters[0]} of them.`,
          'A publisher answers for 500 hosts, with a packet each, 20–120 ms after the question.',
        ],
      },
    ];
  } finally {
    for (const running of publishers) running.kill();
    program.remove();
  }
}

/** Avahi has announced its own name, and the hosts may answer again: no record is sent twice within a second. */
const quiet = () => new Promise((resolve) => setTimeout(resolve, 2500));

/** TXT of an agent with four sessions. */
function txtTemplate(): string {
  const sessions = [1, 2, 3, 4].map((n) => ({ id: `0000000${n}`, backend: n % 2 ? 'xpra' : 'tmux' }));
  const advert = {
    hostId: '%',
    agentId: '0123456789abcdef',
    revision: 7,
    fingerprint: `SHA256:${'A'.repeat(43)}`,
    sessionCount: sessions.length,
    sessions,
  };
  return JSON.stringify(encodeTxt(advert).map(String));
}

async function publish(host: LabHost, file: string, first: number, count: number): Promise<Running> {
  const argv = ['node', file, host.ip, String(first), String(count), txtTemplate()];
  const running = host.spawn(argv, { timeoutMs: 3_600_000 });
  await until('the publisher listens', () => running.output().stdout.includes('ready'));
  return running;
}

async function ours(site: Site): Promise<number> {
  const { host } = site.desk(1);
  await quiet();
  const began = performance.now();
  const agent = host.spawn(['hotdesk', 'agent', 'run'], { timeoutMs: 120_000 });
  try {
    const hosts = await until('the agent answers', () => HostsOf.subscribe(host).catch(() => undefined));
    const isListed = (name: string) => /^bench-\d+$/u.test(name);
    const at = await hosts.when(
      'all are listed',
      (all) => all.filter(({ name }) => isListed(name)).length === COUNT,
    );
    hosts.close();
    return at - began;
  } finally {
    agent.kill();
    await agent.result;
  }
}

/**
 * Until it has resolved all. Without `-t`: with it, it ends after a second of quiet, having resolved a third.
 * @param quitters gets how many it resolves with `-t`, in the warm-up
 */
async function theirs(site: Site, quitters: number[]): Promise<number> {
  if (quitters.length === 0) quitters.push((await browse(site, '-rpt')).count);
  const { ms, count } = await browse(site, '-rp');
  if (count < COUNT) throw new Error(`avahi-browse resolved ${count} of ${COUNT} in ${GIVE_UP_MS / 1000} s`);
  return ms;
}

/** With a daemon that was just started and knows nothing. */
async function browse(site: Site, flags: string): Promise<{ ms: number; count: number }> {
  const { host } = site.desk(1);
  await host.service('avahi', 'start');
  await quiet();
  const resolved = new Set<string>();
  const began = performance.now();
  const running = host.spawn(['stdbuf', '-oL', 'avahi-browse', flags, '_hotdesk._tcp'], {
    timeoutMs: GIVE_UP_MS,
  });
  createInterface({ input: running.child.stdout }).on('line', (line) => {
    const fields = line.split(';');
    if (fields[0] === '=') resolved.add(fields[3] ?? '');
    if (resolved.size === COUNT) running.kill();
  });
  await running.result;
  const ms = performance.now() - began;
  await host.service('avahi', 'stop');
  return { ms, count: resolved.size };
}
