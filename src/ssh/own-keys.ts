/** The user's own keys, as a person would choose among them: the ssh-agent's (hardware keys too), and those of the configured files. */
import { readFile } from 'node:fs/promises';
import { withTimeout } from '../kernel/abort.ts';
import { HotdeskError } from '../kernel/errors.ts';
import { sanitise } from '../kernel/text.ts';
import { agentKeys } from './auth/agent-wire.ts';
import { typeOf } from './auth/blob.ts';
import { isCertificate } from './auth/certificate.ts';
import { readKeyFile } from './auth/key-file.ts';
import type { ResolvedTarget } from './target.ts';

const AGENT_MS = 3000;
/** Not taken by sshd any more: DSA went with OpenSSH 7.0. */
const REFUSED = /^ssh-dss/u;

export interface OwnKey {
  readonly blob: Buffer;
  readonly type: string;
  /** Sanitised; may be empty. */
  readonly comment: string;
  /** Its private half's file; undefined: only the ssh-agent has it. */
  readonly file: string | undefined;
  readonly inAgent: boolean;
  /** The file is encrypted, and the ssh-agent does not have it: it asks for a passphrase at each first use. */
  readonly needsPassphrase: boolean;
}

/** Those that ask for nothing first; in the order of ssh otherwise. */
export async function ownKeys(target: ResolvedTarget, signal?: AbortSignal): Promise<OwnKey[]> {
  const held = await heldKeys(target, signal);
  const keys: OwnKey[] = [];
  for (const file of target.identityFiles) {
    const read = await readKeyFile(file);
    if (!read || typeof read === 'string' || !read.publicKey) continue;
    const { publicKey: blob, isPrivate, signer } = read;
    const mine = held.find((key) => key.blob.equals(blob));
    if (!isPrivate && !mine) continue;
    const type = typeOf(blob) ?? '';
    const comment = sanitise(mine?.comment ?? (await commentOf(file)), 60);
    keys.push({ blob, type, comment, file, inAgent: mine !== undefined, needsPassphrase: !mine && !signer });
  }
  if (!target.identitiesOnly) {
    for (const { blob, comment } of held) {
      if (isCertificate(blob) || keys.some((key) => key.blob.equals(blob))) continue;
      const type = typeOf(blob) ?? '';
      keys.push({
        blob,
        type,
        comment: sanitise(comment, 60),
        file: undefined,
        inAgent: true,
        needsPassphrase: false,
      });
    }
  }
  const usable = keys.filter(({ type }) => type !== '' && !REFUSED.test(type));
  return [...usable.filter((key) => !key.needsPassphrase), ...usable.filter((key) => key.needsPassphrase)];
}

/** What stands after the key in the file beside it. */
async function commentOf(file: string): Promise<string> {
  const line = await readFile(`${file}.pub`, 'utf8').catch(() => '');
  return line
    .trim()
    .split(/[ \t]+/u)
    .slice(2)
    .join(' ');
}

/** An ssh-agent that does not answer has no keys. */
async function heldKeys({ agentSocket }: ResolvedTarget, signal?: AbortSignal) {
  if (agentSocket === undefined) return [];
  const late = new HotdeskError('timeout', 'The ssh-agent did not answer.');
  try {
    return await withTimeout(AGENT_MS, late, signal, (aborted) => agentKeys(agentSocket, aborted));
  } catch (error) {
    if (signal?.aborted) throw error;
    return [];
  }
}
