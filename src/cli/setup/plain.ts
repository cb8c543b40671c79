/** The wizard in plain lines: nothing is redrawn, no cursor moves, so a screen reader reads all of it once, in order. */
import type { Choice, Line } from '../../wizard/wizard.ts';
import type { Streams } from '../console.ts';
import { gate } from '../style.ts';
import { wrap } from '../wrap.ts';
import { LineReader } from './line-reader.ts';
import type { Mark, Selection, Talk, TextQuestion } from './talk.ts';

/** What goes on is said once, and again only after this, in ms: a reader must keep up. */
const SAY_MS = 5000;

export class PlainTalk implements Talk {
  readonly #streams: Streams;
  readonly #lines: LineReader;
  #said = '';
  #saidAt = 0;

  constructor(streams: Streams) {
    this.#streams = streams;
    this.#lines = new LineReader(streams.stdin);
  }

  begin(title: string): void {
    this.#print(title);
  }

  step(number: number, of: number, title: string): void {
    this.#print('');
    this.#print(`Step ${number} of ${of}: ${title}.`);
  }

  lines(lines: readonly Line[]): void {
    for (const { kind, text } of lines) {
      if (kind === 'warning') this.#print(`Warning: ${text}`);
      else if (kind === 'command') this.#write(`  ${gate(text)}\n`);
      else if (kind !== 'art') this.#print(text);
    }
  }

  progress(text: string): void {
    const isNew = text !== this.#said || Date.now() - this.#saidAt > SAY_MS;
    if (!isNew) return;
    this.#said = text;
    this.#saidAt = Date.now();
    this.#print(`${text} …`);
  }

  clear(): void {
    this.#said = '';
  }

  outcome(mark: Mark, text: string): void {
    this.#print(`${{ done: 'Done', skipped: 'Left out', failed: 'Failed' }[mark]}: ${text}`);
    this.clear();
  }

  async confirm(text: string, byDefault: boolean, signal: AbortSignal): Promise<boolean | undefined> {
    for (;;) {
      const answer = await this.#ask(`${text} ${byDefault ? '[Y/n]' : '[y/N]'} `, signal);
      if (answer === undefined) return undefined;
      if (answer.trim() === '') return byDefault;
      if (/^\s*(?:y|yes)\s*$/iu.test(answer)) return true;
      if (/^\s*(?:n|no)\s*$/iu.test(answer)) return false;
      this.#print('Answer y for yes or n for no.');
    }
  }

  async select(selection: Selection, signal: AbortSignal): Promise<string | undefined> {
    let choices = selection.choices;
    this.#print(selection.text);
    choices.forEach((choice, i) => void this.#choice(choice, i));
    const end = selection.live?.((now) => {
      const before = choices;
      choices = merged(before, now);
      const isNew = (choice: Choice) => !before.some(({ value }) => value === choice.value);
      const fresh = choices.filter(isNew);
      if (fresh.length === 0) return;
      this.#print('');
      for (const choice of fresh) this.#choice(choice, choices.indexOf(choice));
    });
    try {
      for (;;) {
        const at = choices.findIndex(({ value }) => value === selection.default) + 1;
        const answer = await this.#ask(`Number${at > 0 ? ` [${at}]` : ''}: `, signal);
        if (answer === undefined) return undefined;
        const number = answer.trim() === '' ? at : Number(answer);
        const chosen = choices[number - 1];
        if (chosen) return chosen.value;
        this.#print(`Answer with a number from 1 to ${choices.length}.`);
      }
    } finally {
      end?.();
    }
  }

  async text(question: TextQuestion, signal: AbortSignal): Promise<string | undefined> {
    for (;;) {
      const suggested = question.default === '' ? '' : ` [${question.default}]`;
      const answer = await this.#ask(`${question.text}${suggested}: `, signal);
      if (answer === undefined) return undefined;
      const value = answer.trim() || question.default;
      const wrong = question.check?.(value);
      if (wrong === undefined) return value;
      this.#print(wrong);
    }
  }

  async secret(text: string, signal: AbortSignal): Promise<string | undefined> {
    this.#write(`${gate(text)} (not shown): `);
    const value = await this.#lines.hidden(signal);
    // Enter was not echoed either.
    this.#write('\n');
    return value;
  }

  end(text: string): void {
    this.#print('');
    for (const line of text.split('\n')) this.#print(line);
  }

  async #ask(prompt: string, signal: AbortSignal): Promise<string | undefined> {
    this.clear();
    this.#write(gate(prompt));
    const answer = await this.#lines.line(signal);
    if (answer === undefined) this.#write('\n');
    return answer;
  }

  #choice({ label, hint }: Choice, index: number): void {
    this.#print(`  ${index + 1}. ${label}${hint ? ` (${hint})` : ''}`);
  }

  #print(text: string): void {
    for (const line of wrap(gate(text), this.#streams.stdout.columns || 80)) this.#write(`${line}\n`);
  }

  #write(text: string): void {
    this.#streams.stdout.write(text);
  }
}

/**
 * The choices as they are now, none of them at another place than before: whoever is about to press a
 * key gets what was there. What is gone stays, and says so.
 */
export function merged(before: readonly Choice[], now: readonly Choice[]): Choice[] {
  const kept = before.map(
    (old) => now.find(({ value }) => value === old.value) ?? { ...old, hint: 'gone from the network' },
  );
  return [...kept, ...now.filter(({ value }) => !before.some((old) => old.value === value))];
}
