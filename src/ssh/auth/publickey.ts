/** Keys to log in with (RFC 4252 §7): the ssh-agent's, then the configured files, certificates before their keys. */
import { readFile } from 'node:fs/promises';
import { withTimeout } from '../../kernel/abort.ts';
import { HotdeskError } from '../../kernel/errors.ts';
import { sanitise } from '../../kernel/text.ts';
import type { ResolvedTarget } from '../target.ts';
import { type AgentKey, agentKeys, agentSign } from './agent-wire.ts';
import type { Asker } from './asker.ts';
import { typeOf } from './blob.ts';
import { type Certificate, isCertificate, parseCertificate, publicBlob } from './certificate.ts';
import { type KeyFile, readKeyFile, type Signer, type UnlockedKeys } from './key-file.ts';
import type { AuthProvider, Credential, Identity, RsaHash } from './provider.ts';

const AGENT_MS = 3000;

/** A certificate, and where it came from. */
interface Named {
  readonly certificate: Certificate;
  readonly from: string;
}

/**
 * As ssh orders them: agent keys that are configured as IdentityFile, the agent's other keys (unless
 * IdentitiesOnly), then key files that the agent does not hold.
 * @param only public half of the one key of the agent that may be used; undefined: all
 */
export function publicKeyProvider(unlocked: UnlockedKeys, only?: Buffer): AuthProvider {
  return {
    method: 'publickey',
    async offers(target, asker, signal) {
      if (!target.publicKeys) return { credentials: [], notes: ['PubkeyAuthentication is off.'] };
      const notes: string[] = [];
      const all = await heldKeys(target, notes, signal);
      const held = only ? all.filter(({ blob }) => blob.equals(only)) : all;
      const files: KeyFile[] = [];
      for (const file of target.identityFiles) {
        const read = await readKeyFile(file);
        if (typeof read === 'string') notes.push(read);
        else if (read) files.push(read);
      }
      const certificates = await readCertificates(target, notes);
      const keys = [
        ...fromAgent(target, held, files, certificates, asker, notes),
        ...(await fromFiles(target, held, files, certificates, asker, unlocked, notes)),
      ];
      return { credentials: keys, notes };
    },
  };
}

function fromAgent(
  target: ResolvedTarget,
  held: readonly AgentKey[],
  files: readonly KeyFile[],
  certificates: readonly Named[],
  asker: Asker,
  notes: string[],
): Credential[] {
  const { agentSocket } = target;
  if (agentSocket === undefined) return [];
  const rank = (key: AgentKey) => {
    const plain = parseCertificate(key.blob)?.key ?? key.blob;
    const at = files.findIndex((file) => file.publicKey?.equals(plain));
    const named = certificates.some(({ certificate }) => certificate.blob.equals(key.blob));
    return at >= 0 ? at : named ? files.length : undefined;
  };
  const ranked = held
    .map((key) => ({ key, rank: rank(key) }))
    .filter(({ rank }) => rank !== undefined || !target.identitiesOnly)
    .sort((a, b) => (a.rank ?? files.length + 1) - (b.rank ?? files.length + 1));
  return ranked.flatMap(({ key }) => {
    const own = parseCertificate(key.blob);
    if (isCertificate(key.blob) && !own) return [];
    const signAs = (blob: Buffer) => (data: Buffer, hash: RsaHash | undefined) =>
      // It may ask its user (ssh-add -c), or for a touch of a hardware key.
      asker.waiting(() => agentSign(agentSocket, blob, data, hash, asker.signal));
    const name = sanitise(key.comment, 60) || 'without a name';
    // A light that blinks because of something in the background asks for a touch of what nobody knows.
    if (typeOf(key.blob)?.startsWith('sk-') && !asker.mayTouch) {
      notes.push(`The hardware key ${name} was not asked for a touch.`);
      return [];
    }
    if (own) {
      return [offered(certified(own, signAs(own.blob)), `certificate ${own.id || name} of the ssh-agent`)];
    }
    const type = typeOf(key.blob) ?? '';
    const beside = certificates
      .filter(({ certificate }) => certificate.key.equals(key.blob))
      .map(({ certificate, from }) => offered(certified(certificate, signAs(key.blob)), from));
    const plain: Identity = { algorithm: type, blob: key.blob, sign: signAs(key.blob) };
    return [...beside, offered(plain, `${sanitise(type, 60)} key ${name} of the ssh-agent`)];
  });
}

async function fromFiles(
  target: ResolvedTarget,
  held: readonly AgentKey[],
  files: readonly KeyFile[],
  certificates: readonly Named[],
  asker: Asker,
  unlocked: UnlockedKeys,
  notes: string[],
): Promise<Credential[]> {
  const credentials: Credential[] = [];
  for (const { file, publicKey, signer, isPrivate } of files) {
    if (!isPrivate || held.some((key) => publicKey?.equals(key.blob))) continue;
    const open = signer ?? (await unlocked.get(file))?.signer;
    if (!open && !asker.canAsk) {
      notes.push(`${file} has a passphrase and is not in the ssh-agent.`);
      continue;
    }
    const unlock = () => askFor(target, file, asker, unlocked);
    if (!publicKey) {
      credentials.push({ kind: 'publickey', label: file, identity: async () => identityOf(await unlock()) });
      continue;
    }
    // A passphrase is asked for only once the server has said that it takes the key.
    const signing = async (data: Buffer, hash: RsaHash | undefined) => {
      const sign = open ?? (await unlock())?.signer;
      if (!sign) throw new HotdeskError('auth-failed', `${file} was not opened.`);
      return sign(data, hash);
    };
    for (const { certificate, from } of certificates) {
      if (certificate.key.equals(publicKey)) credentials.push(offered(certified(certificate, signing), from));
    }
    credentials.push(offered({ algorithm: typeOf(publicKey) ?? '', blob: publicKey, sign: signing }, file));
  }
  return credentials;
}

function identityOf(key: { publicKey: Buffer; signer: Signer } | undefined): Identity | undefined {
  if (!key) return undefined;
  const { publicKey, signer } = key;
  return {
    algorithm: typeOf(publicKey) ?? '',
    blob: publicKey,
    sign: async (data, hash) => signer(data, hash),
  };
}

function certified(certificate: Certificate, sign: Identity['sign']): Identity {
  const hash = certificate.algorithm.startsWith('rsa-sha2-512') ? 'sha512' : undefined;
  return {
    algorithm: certificate.algorithm,
    blob: certificate.blob,
    sign: (data) => sign(data, hash),
  };
}

function offered(identity: Identity, label: string): Credential {
  return { kind: 'publickey', label, identity: async () => identity };
}

function askFor(target: ResolvedTarget, file: string, asker: Asker, unlocked: UnlockedKeys) {
  const attempts = Math.max(1, target.passwordPrompts);
  const ask = async (attempt: number) => {
    const answers = await asker.ask({
      kind: 'passphrase',
      title: `${file} opens with a passphrase`,
      prompts: [{ prompt: `Passphrase of ${file}:`, echo: false }],
      subject: file,
      attempt,
      attempts,
    });
    return answers?.[0];
  };
  return unlocked.unlock(file, ask, attempts);
}

async function heldKeys(
  { agentSocket }: ResolvedTarget,
  notes: string[],
  signal?: AbortSignal,
): Promise<AgentKey[]> {
  if (agentSocket === undefined) return [];
  const late = new HotdeskError('timeout', 'The ssh-agent did not answer.');
  try {
    return await withTimeout(AGENT_MS, late, signal, (aborted) => agentKeys(agentSocket, aborted));
  } catch (error) {
    if (signal?.aborted) throw error;
    notes.push('The ssh-agent did not answer.');
    return [];
  }
}

/** Those of CertificateFile, and `NAME-cert.pub` beside each key file. */
async function readCertificates(target: ResolvedTarget, notes: string[]): Promise<Named[]> {
  const found: Named[] = [];
  const beside = target.identityFiles.map((file) => `${file}-cert.pub`);
  for (const file of new Set([...target.certificateFiles, ...beside])) {
    const text = await readFile(file, 'utf8').catch(() => undefined);
    if (text === undefined) continue;
    const blob = publicBlob(text);
    const certificate = blob && parseCertificate(blob);
    if (certificate) found.push({ certificate, from: file });
    else notes.push(`${file} is no certificate that can be used here.`);
  }
  return found;
}
