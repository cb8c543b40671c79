/** A real validating resolver (unbound) on a free loopback port, with a signed zone that it serves itself. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from './sshd/sshd.ts';
import { until } from './until.ts';

export interface Dns {
  readonly port: number;
  stop(): Promise<void>;
}

export interface DnsOptions {
  /** Records of the zone `rig.test`: `alpha SSHFP 4 2 …`. */
  readonly records: readonly string[];
  /** Default: signed and validated. `unsigned`: no DNSSEC. `forged`: signed, and then changed. */
  readonly zone?: 'unsigned' | 'forged' | undefined;
}

const ZONE = 'rig.test';

export async function startDns({ records, zone }: DnsOptions): Promise<Dns> {
  const dir = mkdtempSync(join(tmpdir(), 'hd-dns-'));
  try {
    const anchor = writeZone(dir, records, zone);
    const port = await freePort();
    const child = await launch(dir, port, anchor);
    return {
      port,
      stop: async () => {
        const exited = new Promise((resolve) => child.once('exit', resolve));
        child.kill();
        if (child.exitCode === null && child.signalCode === null) await exited;
        rmSync(dir, { recursive: true });
      },
    };
  } catch (error) {
    rmSync(dir, { recursive: true, force: true });
    throw error;
  }
}

/** @returns the file of the trust anchor, if the zone is signed */
function writeZone(dir: string, records: readonly string[], how: DnsOptions['zone']): string | undefined {
  const file = join(dir, 'zone');
  const soa = `${ZONE}. 300 IN SOA ns.${ZONE}. root.${ZONE}. 1 3600 600 86400 300`;
  const lines = [soa, `${ZONE}. 300 IN NS ns.${ZONE}.`, `ns.${ZONE}. 300 IN A 127.0.0.1`];
  const ours = records.map((record) => record.replace(/^(\S+) /u, `$1.${ZONE}. 300 IN `));
  writeFileSync(file, `${[...lines, ...ours].join('\n')}\n`);
  if (how === 'unsigned') return undefined;
  const key = execFileSync('ldns-keygen', ['-a', 'ECDSAP256SHA256', '-k', ZONE], {
    cwd: dir,
    encoding: 'utf8',
  }).trim();
  execFileSync('ldns-signzone', ['-f', file, file, join(dir, key)], { cwd: dir });
  if (how === 'forged')
    writeFileSync(file, readFileSync(file, 'utf8').replace(/(SSHFP\s+4 2 )\S\S/giu, '$100'));
  return join(dir, `${key}.ds`);
}

async function launch(dir: string, port: number, anchor: string | undefined): Promise<ChildProcess> {
  const config = join(dir, 'unbound.conf');
  writeFileSync(
    config,
    `server:
  interface: 127.0.0.1
  port: ${port}
  username: ""
  chroot: ""
  directory: "${dir}"
  pidfile: ""
  use-syslog: no
  do-daemonize: no
  verbosity: 1
  do-ip6: no
  module-config: "validator iterator"
  local-zone: "test." nodefault
${anchor ? `  trust-anchor-file: "${anchor}"\n` : ''}
remote-control:
  control-enable: no
auth-zone:
  name: "${ZONE}"
  zonefile: "${join(dir, 'zone')}"
  for-downstream: no
  for-upstream: yes
  fallback-enabled: no
`,
  );
  const child = spawn('/usr/sbin/unbound', ['-d', '-p', '-c', config], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let said = '';
  child.stderr.on('data', (chunk: Buffer) => {
    said += chunk.toString();
  });
  await until('the resolver has started', () => said.includes('start of service') || child.exitCode !== null);
  if (child.exitCode !== null) throw new Error(`unbound did not start: ${said}`);
  return child;
}
