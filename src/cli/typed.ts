/** Names as they can be typed: a command in a hint works as it stands. */

export interface Named {
  readonly name: string;
  readonly host: string;
  readonly ref: string;
}

/** What a command is given for a session. A name that looks like an option would be taken for one. */
export function typed({ name, host, ref }: Named): string {
  return word(name.startsWith('-') ? ref : `${name}@${host}`);
}

/** One word of a shell's command line. */
export function word(text: string): string {
  return /^[\p{L}\p{M}\p{N}_.,:@%+=/-]+$/u.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}
