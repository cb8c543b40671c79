/** Lines added to a file of lines (authorized_keys, known_hosts) and taken out again, byte for byte. Pure. */

export interface Addition {
  readonly after: Buffer;
  /** The last line before had no end: it got one. */
  readonly newline: boolean;
}

/** @param before undefined: there is no such file. @param lines without their ends */
export function addLines(before: Buffer | undefined, lines: readonly string[]): Addition {
  const head = before ?? Buffer.alloc(0);
  const newline = head.length > 0 && head.at(-1) !== 10;
  return { after: Buffer.concat([head, pieceOf(lines, newline)]), newline };
}

/**
 * The file without what addLines added. What others wrote since stays, and so does a line of ours that
 * is not there as it was: undefined then.
 */
export function removeLines(now: Buffer, lines: readonly string[], newline: boolean): Buffer | undefined {
  const piece = pieceOf(lines, newline);
  const from = now.length - piece.length;
  const isWhole = newline || from === 0 || now[from - 1] === 10;
  if (from >= 0 && isWhole && now.subarray(from).equals(piece)) return now.subarray(0, from);
  let left = now;
  let removed = false;
  for (const line of lines) {
    const at = lastLine(left, Buffer.from(line));
    if (at === undefined) continue;
    removed = true;
    left = Buffer.concat([
      left.subarray(0, at),
      left.subarray(Math.min(left.length, at + Buffer.byteLength(line) + 1)),
    ]);
  }
  return removed ? left : undefined;
}

function pieceOf(lines: readonly string[], newline: boolean): Buffer {
  return Buffer.from(`${newline ? '\n' : ''}${lines.map((line) => `${line}\n`).join('')}`);
}

/** Where the last whole line begins that is `line`. */
function lastLine(text: Buffer, line: Buffer): number | undefined {
  for (let at = text.lastIndexOf(line); at >= 0; at = at === 0 ? -1 : text.lastIndexOf(line, at - 1)) {
    const end = at + line.length;
    if ((at === 0 || text[at - 1] === 10) && (end === text.length || text[end] === 10)) return at;
  }
  return undefined;
}
