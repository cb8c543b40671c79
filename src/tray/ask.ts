/** Asks for a line of text: zenity or kdialog, whichever is there. Pure but for that question. */

export interface Question {
  readonly title: string;
  readonly text: string;
  readonly value?: string;
}

/** argv of a program that asks and prints the answer; undefined: none is there. */
export function questionCommand(question: Question, has: (program: string) => boolean): string[] | undefined {
  const { title, text, value = '' } = question;
  if (has('zenity')) {
    // Options in one word each: text from elsewhere is never taken for an option.
    return ['zenity', '--entry', `--title=${title}`, `--text=${forZenity(text)}`, `--entry-text=${value}`];
  }
  if (has('kdialog'))
    return ['kdialog', `--title=${title}`, '--inputbox', text.replace(/^-+/u, ''), value.replace(/^-+/u, '')];
  return undefined;
}

/** The text of `zenity --entry`: backslashes are escapes there (g_strcompress) and an underscore a mnemonic; markup is none. */
export function forZenity(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll('_', '__');
}
