/**
 * Whether DNS vouches for a host key: SSHFP records (RFC 4255), believed as ssh believes them with
 * VerifyHostKeyDNS: only when the resolver says that DNSSEC has validated them (the AD bit), and only
 * where that resolver's word is to be trusted. node:dns shows neither SSHFP nor AD, so this asks itself.
 */
import { createHash, randomInt } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { readFile } from 'node:fs/promises';
import { connect, isIP } from 'node:net';
import { withTimeout } from '../../kernel/abort.ts';
import { HotdeskError } from '../../kernel/errors.ts';
import { keyType } from '../../ssh/ssh.ts';
import { type Answer, type SshfpRecord, sshfpAnswer, sshfpQuestion } from './dns-message.ts';
import { type Resolver, readResolver } from './resolver.ts';

export type DnsWord =
  /** The key is the one that the owner of the zone published, proved by DNSSEC. */
  | { readonly state: 'match' }
  /** The owner of the zone published another one for this kind of key, proved by DNSSEC. */
  | { readonly state: 'mismatch' }
  /** DNS has nothing to say that counts. `why` is a sentence. */
  | { readonly state: 'not-checked'; readonly why: string };

/** For each server, in ms. A resolver that validates may have several others to ask. */
const SERVER_MS = 1500;
const SHA256 = 2;
const NO_SUCH_NAME = 3;
/** RFC 4255 §3.1.1, RFC 6594, RFC 7479. */
const ALGORITHMS: Readonly<Record<string, number>> = {
  'ssh-rsa': 1,
  'ecdsa-sha2-nistp256': 3,
  'ecdsa-sha2-nistp384': 3,
  'ecdsa-sha2-nistp521': 3,
  'ssh-ed25519': 4,
};

/** The system's resolver. @param env of the process */
export async function systemResolver(env: Readonly<Record<string, string | undefined>>): Promise<Resolver> {
  const text = await readFile('/etc/resolv.conf', 'utf8').catch(() => '');
  return readResolver(text, env.RES_OPTIONS);
}

/**
 * What DNS says of a key. Never throws but `cancelled`: no answer is an answer.
 * @param hostName as ssh would look it up
 */
export async function askDns(
  hostName: string,
  key: Buffer,
  resolver: Resolver,
  signal?: AbortSignal,
): Promise<DnsWord> {
  const unasked = notAName(hostName);
  if (unasked !== undefined) return { state: 'not-checked', why: unasked };
  if (!resolver.trustsAd) {
    return {
      state: 'not-checked',
      why: 'resolv.conf does not say “options trust-ad”, so nothing that DNS says can be trusted.',
    };
  }
  const answer = await ask(hostName, resolver, signal);
  if (!answer) return { state: 'not-checked', why: 'No DNS server answered.' };
  if (answer.code !== 0 && answer.code !== NO_SUCH_NAME) {
    return { state: 'not-checked', why: 'The DNS server could not answer, or the answer was forged.' };
  }
  if (answer.records.length === 0) return { state: 'not-checked', why: `${hostName} has no SSHFP record.` };
  if (!answer.authentic) {
    return { state: 'not-checked', why: 'The SSHFP record is not secured by DNSSEC.' };
  }
  return judge(answer.records, key);
}

/** Pure. SHA-1 fingerprints are passed over: one can be forged. */
function judge(records: readonly SshfpRecord[], key: Buffer): DnsWord {
  const algorithm = ALGORITHMS[keyType(key) ?? ''];
  const spoken = records.filter((record) => record.type === SHA256 && record.algorithm === algorithm);
  if (spoken.length === 0)
    return { state: 'not-checked', why: 'There is no SSHFP record for this kind of key.' };
  const digest = createHash('sha256').update(key).digest();
  return { state: spoken.some(({ fingerprint }) => fingerprint.equals(digest)) ? 'match' : 'mismatch' };
}

function notAName(name: string): string | undefined {
  if (isIP(name.replace(/%.*$/u, ''))) return 'It was given as an address; DNS is asked for names.';
  // RFC 6762 §3: such names are not for DNS.
  if (/\.local\.?$/iu.test(name) || !name.includes('.'))
    return 'Its name is one of the local network, not of DNS.';
  const labels = name.replace(/\.$/u, '').split('.');
  const isPlain = labels.every((label) => /^[A-Za-z0-9_-]{1,63}$/u.test(label));
  return isPlain && name.length <= 253 ? undefined : 'Its name cannot be asked for in DNS.';
}

async function ask(name: string, resolver: Resolver, signal?: AbortSignal): Promise<Answer | undefined> {
  for (const server of resolver.servers) {
    const late = new HotdeskError('timeout', 'The DNS server did not answer.');
    try {
      const answer = await withTimeout(SERVER_MS, late, signal, (limit) => byUdp(server, name, limit));
      if (!answer.truncated) return answer;
      return await withTimeout(SERVER_MS, late, signal, (limit) => byTcp(server, name, limit));
    } catch (error) {
      if (signal?.aborted) throw error;
    }
  }
  return undefined;
}

type Server = Resolver['servers'][number];

function byUdp({ address, port }: Server, name: string, signal: AbortSignal): Promise<Answer> {
  const id = randomInt(65_536);
  return new Promise((resolve, reject) => {
    const socket = createSocket(isIP(address.replace(/%.*$/u, '')) === 6 ? 'udp6' : 'udp4');
    signal.addEventListener('abort', () => socket.close(), { once: true });
    socket.once('error', reject);
    socket.on('message', (message) => {
      const answer = sshfpAnswer(message, id, name);
      if (!answer) return;
      resolve(answer);
      socket.close();
    });
    // Connected: the kernel drops what comes from anybody else, and tells of a port where nobody is.
    socket.connect(port, address, () => socket.send(sshfpQuestion(id, name)));
  });
}

/** RFC 1035 §4.2.2: two bytes of length before each message. */
function byTcp({ address, port }: Server, name: string, signal: AbortSignal): Promise<Answer> {
  const id = randomInt(65_536);
  return new Promise((resolve, reject) => {
    const socket = connect({ host: address, port });
    signal.addEventListener('abort', () => socket.destroy(), { once: true });
    let held = Buffer.alloc(0);
    socket.once('error', reject);
    socket.once('close', () => reject(new Error('closed')));
    socket.on('data', (chunk) => {
      held = Buffer.concat([held, chunk]);
      if (held.length < 2 || held.length < 2 + held.readUInt16BE(0)) return;
      const answer = sshfpAnswer(held.subarray(2, 2 + held.readUInt16BE(0)), id, name);
      if (answer) resolve(answer);
      socket.destroy();
    });
    const question = sshfpQuestion(id, name);
    const length = Buffer.alloc(2);
    length.writeUInt16BE(question.length);
    socket.end(Buffer.concat([length, question]));
  });
}
