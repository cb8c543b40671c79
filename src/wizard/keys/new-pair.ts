/** A new key pair on this machine's disk, and in its ssh-agent. */
import { addAgentKey, makeKey, type ResolvedTarget, removeAgentKey } from '../../ssh/ssh.ts';
import { changesOf, type Visit } from '../deps.ts';
import { placeOf } from '../steps/needs.ts';

type NewKey = Awaited<ReturnType<typeof makeKey>>;

/** Names of files for keys of other types (ssh_config(5), IdentityFile). */
const OTHER_TYPES = /(?:rsa|dsa|ecdsa|_sk|xmss)$/u;

/**
 * Where a new key goes so that ssh finds it by itself: the first configured file that is not there.
 * Undefined: all are taken.
 */
export async function freeKeyFile(
  visit: Visit,
  { identityFiles }: ResolvedTarget,
): Promise<string | undefined> {
  for (const file of identityFiles) {
    if (OTHER_TYPES.test(file)) continue;
    if (!(await visit.here.stat(file)) && !(await visit.here.stat(`${file}.pub`))) return file;
  }
  return undefined;
}

/** Makes both files. @param passphrase empty: none */
export async function createKey(
  visit: Visit,
  file: string,
  comment: string,
  passphrase: string,
): Promise<NewKey> {
  const key = await makeKey(comment, passphrase);
  const changes = changesOf(visit, placeOf(visit), 'key');
  await changes.createFile(visit.here, file, Buffer.from(key.privateText), 0o600);
  await changes.createFile(visit.here, `${file}.pub`, Buffer.from(`${key.publicLine}\n`), 0o644);
  return key;
}

export async function loadIntoAgent(
  visit: Visit,
  socket: string,
  key: NewKey,
  comment: string,
): Promise<void> {
  const { blob } = key;
  await changesOf(visit, placeOf(visit), 'key').make(
    { kind: 'loaded-key', blob: blob.toString('base64'), socket },
    () => addAgentKey(socket, key.seed(), blob, comment),
    () => removeAgentKey(socket, blob),
  );
}
