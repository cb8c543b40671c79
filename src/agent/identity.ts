/** Who this machine is on the network. */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { hostIdOf, randomId } from '../kernel/ids.ts';
import { sanitiseName } from '../kernel/text.ts';

export interface Identity {
  readonly hostId: string;
  /** Tells this user's agent from other users' on the same host. */
  readonly agentId: string;
  /** Bare host name. */
  readonly host: string;
  readonly sshPort: number;
  /** `SHA256:…` of the host key that a client is most likely to meet; undefined where sshd has none. */
  readonly fingerprint: string | undefined;
}

type Read = (path: string) => string | undefined;

/** @param read gives a file's text, or undefined where it cannot be read */
export function identityOf(read: Read = readText, name: string = hostname()): Identity {
  const machineId = read('/etc/machine-id') ?? read('/var/lib/dbus/machine-id');
  const host = sanitiseName(name.split('.')[0] ?? '', 'localhost');
  return {
    // Without a machine-id the name has to do: stable, and unique as far as names are.
    hostId: hostIdOf(machineId?.trim() || `name:${host}`),
    agentId: randomId(4),
    host,
    sshPort: sshPortOf(read),
    fingerprint: fingerprintOf(read),
  };
}

/** The first Port of sshd_config(5), its drop-ins first as Debian includes them. */
function sshPortOf(read: Read): number {
  for (const file of [...dropIns(), '/etc/ssh/sshd_config']) {
    const port = Number(/^\s*Port\s+(\d+)/imu.exec(read(file) ?? '')?.[1]);
    if (port > 0 && port < 65_536) return port;
  }
  return 22;
}

function dropIns(): string[] {
  try {
    const folder = '/etc/ssh/sshd_config.d';
    return readdirSync(folder)
      .filter((f) => f.endsWith('.conf'))
      .sort()
      .map((f) => `${folder}/${f}`);
  } catch {
    return [];
  }
}

/** As `ssh-keygen -l` prints it: SHA-256 of the key blob, base64 without padding. */
function fingerprintOf(read: Read): string | undefined {
  for (const type of ['ed25519', 'ecdsa', 'rsa']) {
    const blob = read(`/etc/ssh/ssh_host_${type}_key.pub`)?.split(' ')[1];
    if (blob) {
      const digest = createHash('sha256').update(Buffer.from(blob, 'base64')).digest('base64');
      return `SHA256:${digest.replace(/=+$/u, '')}`;
    }
  }
  return undefined;
}

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}
