/** authorized_keys as text: sshd(8), AUTHORIZED_KEYS FILE FORMAT. Pure. */

/**
 * The line that has this key, if one has.
 * @returns what stands before the key on it (`restrict,command="…"`), or ''
 */
export function findKey(text: string, blob: Buffer): string | undefined {
  const wanted = blob.toString('base64');
  for (const line of text.split('\n')) {
    if (/^\s*(?:#|$)/u.test(line)) continue;
    const words = line.trim().split(/[ \t]+/u);
    const at = words.indexOf(wanted);
    // Options may be quoted and hold spaces: what they say is not taken apart.
    if (at >= 1) return words.slice(0, at - 1).join(' ');
  }
  return undefined;
}

/** The line for a key. @param comment made one word or more, without an end of line */
export function authorizedLine(type: string, blob: Buffer, comment: string): string {
  return [type, blob.toString('base64'), comment.replace(/[\p{Cc}]/gu, ' ').trim()].filter(Boolean).join(' ');
}
