/** Keys to log in with: the ssh-agent's, then the configured files. */
import { readFile } from 'node:fs/promises';
import type { ParsedKey } from 'ssh2';
import { withTimeout } from '../kernel/abort.ts';
import { HotdeskError } from '../kernel/errors.ts';
import { sanitise } from '../kernel/text.ts';
import type { AuthProvider, Credential, Offer } from './auth.ts';
import type { ResolvedTarget } from './target.ts';

/** Answers the passphrase of a key file, or undefined: the key is passed over. */
export type PassphrasePrompt = (file: string) => Promise<string | undefined>;

const AGENT_MS = 3000;

interface FileKey {
  readonly file: string;
  /** The public half, for finding the key in the agent. */
  readonly publicKey: Buffer | undefined;
  readonly key: ParsedKey | undefined;
}

/**
 * As ssh orders them: agent keys that are configured as IdentityFile, the agent's other keys (unless
 * IdentitiesOnly), then key files that the agent does not hold.
 */
export function keyProvider(passphrase?: PassphrasePrompt): AuthProvider {
  return {
    async offers(target, signal) {
      if (!target.publicKeys) return { credentials: [], notes: ['PubkeyAuthentication is off.'] };
      const notes: string[] = [];
      const inAgent = await agentKeys(target, notes, signal);
      const files: FileKey[] = [];
      for (const file of target.identityFiles) {
        const read = await readKey(file, inAgent, passphrase, notes);
        if (read) files.push(read);
      }
      return { credentials: order(target, inAgent, files), notes } satisfies Offer;
    },
  };
}

function order(
  target: ResolvedTarget,
  inAgent: readonly ParsedKey[],
  files: readonly FileKey[],
): Credential[] {
  const { agentSocket } = target;
  const credentials: Credential[] = [];
  const configured = (key: ParsedKey) =>
    files.findIndex((file) => file.publicKey?.equals(key.getPublicSSH()));
  if (agentSocket !== undefined) {
    const ranked = inAgent
      .map((key) => ({ key, rank: configured(key) }))
      .filter(({ rank }) => rank >= 0 || !target.identitiesOnly)
      .sort((a, b) => (a.rank < 0 ? files.length : a.rank) - (b.rank < 0 ? files.length : b.rank));
    for (const { key } of ranked) {
      credentials.push({
        kind: 'agent',
        agentSocket,
        key,
        label: `${key.type} key ${commentOf(key)} of the ssh-agent`,
      });
    }
  }
  for (const { file, key, publicKey } of files) {
    if (!key || inAgent.some((other) => publicKey?.equals(other.getPublicSSH()))) continue;
    credentials.push({ kind: 'key', key, label: file });
  }
  return credentials;
}

function commentOf(key: ParsedKey): string {
  return sanitise(key.comment ?? '', 60) || 'without a name';
}

async function agentKeys(
  target: ResolvedTarget,
  notes: string[],
  signal?: AbortSignal,
): Promise<ParsedKey[]> {
  const { agentSocket } = target;
  if (agentSocket === undefined) return [];
  const { default: ssh2 } = await import('ssh2');
  const agent = new ssh2.OpenSSHAgent(agentSocket);
  const keys = new Promise<ParsedKey[]>((resolve, reject) => {
    agent.getIdentities((error, found) => {
      if (error) return reject(error);
      resolve(
        (found ?? []).flatMap((key) =>
          'pubKey' in key ? (isParsed(key.pubKey) ? [key.pubKey] : []) : [key],
        ),
      );
    });
  });
  const late = new HotdeskError('timeout', 'The ssh-agent did not answer.');
  try {
    return await withTimeout(AGENT_MS, late, signal, () => keys);
  } catch (error) {
    if (signal?.aborted) throw error;
    notes.push('The ssh-agent did not answer.');
    return [];
  }
}

async function readKey(
  file: string,
  inAgent: readonly ParsedKey[],
  passphrase: PassphrasePrompt | undefined,
  notes: string[],
): Promise<FileKey | undefined> {
  const { default: ssh2 } = await import('ssh2');
  const text = await readFile(file).catch((error: unknown) => {
    if (!isMissing(error)) notes.push(`${file} cannot be read.`);
    return undefined;
  });
  const publicText = await readFile(`${file}.pub`).catch(() => undefined);
  const publicKey = publicText && parsed(ssh2.utils.parseKey(publicText));
  const known = publicKey?.getPublicSSH();
  if (!text) return known ? { file, publicKey: known, key: undefined } : undefined;
  const first = ssh2.utils.parseKey(text);
  const key = parsed(first);
  if (key) {
    return { file, publicKey: key.getPublicSSH(), key: key.isPrivateKey() ? key : undefined };
  }
  if (known && inAgent.some((other) => known.equals(other.getPublicSSH()))) {
    return { file, publicKey: known, key: undefined };
  }
  if (!(first instanceof Error) || !/encrypted/iu.test(first.message)) {
    notes.push(`${file} is not a key of a type that can be used here.`);
    return undefined;
  }
  const secret = await passphrase?.(file);
  const opened = secret === undefined ? undefined : parsed(ssh2.utils.parseKey(text, secret));
  if (!opened) {
    notes.push(`${file} has a passphrase and is not in the ssh-agent.`);
    return known ? { file, publicKey: known, key: undefined } : undefined;
  }
  return { file, publicKey: opened.getPublicSSH(), key: opened };
}

function isParsed(key: unknown): key is ParsedKey {
  return typeof key === 'object' && key !== null && 'getPublicSSH' in key;
}

function parsed(result: ParsedKey | Error | readonly ParsedKey[]): ParsedKey | undefined {
  if (result instanceof Error) return undefined;
  return 'type' in result ? result : result[0];
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR');
}
