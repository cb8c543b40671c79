/** A run whose host answers by hand: for steps that need no SSH. */
import { setMaxListeners } from 'node:events';
import { HotdeskError } from '../../../src/kernel/errors.ts';
import type { ExecResult } from '../../../src/model/machine.ts';
import type { SshConnection } from '../../../src/ssh/ssh.ts';
import type { Visit } from '../../../src/wizard/deps.ts';
import type { FarFacts } from '../../../src/wizard/far/far.ts';
import type { Files } from '../../../src/wizard/files/files.ts';
import { createVisit } from '../../../src/wizard/setup.ts';
import { client } from '../rig.ts';

export const { signal } = new AbortController();
// Node leaves a listener on it for each program that is not there.
setMaxListeners(0, signal);

export const FACTS: FarFacts = {
  home: '/home/me',
  uid: 1000,
  user: 'me',
  os: ['debian'],
  managers: ['apt-get'],
  hasSudo: true,
  node: { path: '/usr/bin/node', version: '20.19.2' },
  hotdesk: undefined,
  socket: undefined,
  systemd: true,
  returns: false,
  lingers: false,
};

/** Not to be touched. */
const FILES = new Proxy({ where: 'there', name: 'alpha', home: '/home/me' } as Files, {
  get: (target, name) => {
    if (name in target) return Reflect.get(target, name);
    throw new Error(`${String(name)} was called`);
  },
});

export interface Answering {
  readonly facts?: FarFacts | undefined;
  /** What a command puts out, by a word in it; else nothing. */
  readonly says?: Readonly<Record<string, string>>;
  /** Of the user's environment here. */
  readonly env?: Readonly<Record<string, string>>;
}

export function visitOf({ facts, says = {}, env = {} }: Answering): {
  visit: Visit;
  calls: string[];
  remove: () => void;
} {
  const user = client({ host: '127.0.0.1', port: 1 });
  const deps = { ...user.deps, env: { ...user.deps.env, ...env } };
  const exec = async (argv: readonly string[]): Promise<ExecResult> => {
    const key = Object.keys(says).find((word) => argv.some((arg) => arg.includes(word)));
    const stdout = Buffer.from(key === undefined ? '' : (says[key] ?? ''));
    return { code: 0, signal: undefined, stdout, stderr: Buffer.alloc(0) };
  };
  const connection = { name: 'alpha', isOpen: true, exec, close: () => {} } as unknown as SshConnection;
  const visit = Object.assign(createVisit(deps), {
    connection,
    keyWorks: true,
    far: { connection, files: FILES, facts },
  });
  return { visit, calls: user.calls, remove: user.remove };
}

export const failure = new HotdeskError('viewer-failed', 'No window came.');
