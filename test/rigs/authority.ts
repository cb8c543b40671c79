/** Certificate authorities, by ssh-keygen. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

export interface CertificateOptions {
  /** Names that it is for; default: none. */
  readonly names?: readonly string[];
  /** As ssh-keygen -V takes it; default: since yesterday, until tomorrow. */
  readonly valid?: string;
  /** A certificate for a user. */
  readonly user?: true;
  /** Further arguments of ssh-keygen. */
  readonly with?: readonly string[];
}

export interface Authority {
  /** `type base64` */
  readonly key: string;
  /** Writes `NAME-cert.pub` beside the public key `NAME.pub`. @returns its path */
  certify(publicKey: string, options?: CertificateOptions): string;
}

/** @param type as ssh-keygen -t takes it, with `-b` after it where it has a size */
export function newAuthority(dir: string, name = 'authority', type = 'ed25519'): Authority {
  const file = join(dir, name);
  const keygen = (...args: string[]) =>
    execFileSync('ssh-keygen', ['-q', ...args], { stdio: 'ignore', env: { ...process.env, TZ: 'UTC' } });
  keygen('-t', ...type.split(' '), '-N', '', '-C', 'rig', '-f', file);
  const [kind, blob] = readFileSync(`${file}.pub`, 'utf8').split(' ');
  return {
    key: `${kind} ${blob}`,
    certify(publicKey, { names = [], valid = '-1d:+1d', user, with: further = [] } = {}) {
      keygen(
        ...['-s', file, '-I', 'rig', '-V', valid, ...further],
        ...(user ? [] : ['-h']),
        ...(names.length > 0 ? ['-n', names.join(',')] : []),
        publicKey,
      );
      return publicKey.replace(/\.pub$/u, '-cert.pub');
    },
  };
}
