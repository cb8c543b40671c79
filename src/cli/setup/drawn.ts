/** The wizard drawn on a terminal: questions by clack, everything else beside its line on the left. */
import * as clack from '@clack/prompts';
import type { Line } from '../../wizard/wizard.ts';
import type { Streams } from '../console.ts';
import { gate, render, type Span, type Style } from '../style.ts';
import { wrap } from '../wrap.ts';
import { merged } from './plain.ts';
import type { Mark, Selection, Talk, TextQuestion } from './talk.ts';

const CLEAR_LINE = '\r\u001b[K';
/** A choice that changes below the cursor is drawn anew when the terminal is said to have another size. */
const REDRAW = 'resize';

export class DrawnTalk implements Talk {
  readonly #streams: Streams;
  readonly #colour: boolean;
  #isProgressShown = false;
  #isAsking = false;

  constructor(streams: Streams, colour: boolean) {
    this.#streams = streams;
    this.#colour = colour;
  }

  begin(title: string): void {
    this.#row([{ text: clack.S_BAR_START, style: 'dim' }, '  ', { text: title, style: 'bold' }]);
  }

  step(number: number, of: number, title: string): void {
    this.#bar();
    this.#row([
      { text: clack.S_STEP_SUBMIT, style: 'green' },
      '  ',
      { text: title, style: 'bold' },
      { text: `  ${number}/${of}`, style: 'dim' },
    ]);
  }

  lines(lines: readonly Line[]): void {
    for (const { kind, text } of lines) {
      switch (kind) {
        case 'art':
          this.#bar(text);
          break;
        case 'command':
          // Whole, so that it can be copied: the terminal itself breaks it.
          this.#bar({ text: `$ ${text}`, style: 'bold' });
          break;
        case 'warning':
          this.#wrapped(text, 'yellow', `${clack.S_WARN} `);
          break;
        case 'fact':
          this.#wrapped(text, 'dim');
          break;
        case 'text':
          this.#wrapped(text);
      }
    }
  }

  progress(text: string, seconds = 0): void {
    if (this.#isAsking) return;
    const { stdout } = this.#streams;
    const room = (stdout.columns || 80) - 5;
    // What moves is seen to be alive.
    const [line = ''] = wrap(gate(`${text} …${seconds > 1 ? ` ${seconds} s` : ''}`), room);
    const spans: Span[] = [
      { text: clack.S_BAR, style: 'dim' },
      { text: `  ${line}`, style: 'dim' },
    ];
    stdout.write(`${CLEAR_LINE}${render(spans, this.#colour)}`);
    this.#isProgressShown = true;
  }

  clear(): void {
    if (this.#isProgressShown) this.#streams.stdout.write(CLEAR_LINE);
    this.#isProgressShown = false;
  }

  outcome(mark: Mark, text: string): void {
    const style = ({ done: 'green', skipped: 'dim', failed: 'red' } as const)[mark];
    const sign = { done: clack.S_SUCCESS, skipped: '-', failed: clack.S_ERROR }[mark];
    this.#wrapped(text, style, `${sign} `);
  }

  confirm(text: string, byDefault: boolean, signal: AbortSignal): Promise<boolean | undefined> {
    return this.#asked(() =>
      clack.confirm({ ...this.#common(signal), message: gate(text), initialValue: byDefault }),
    );
  }

  select(selection: Selection, signal: AbortSignal): Promise<string | undefined> {
    const { stdout } = this.#streams;
    const options = selection.choices.map(optionOf);
    let choices = selection.choices;
    return this.#asked(async () => {
      const asked = clack.select<string>({
        ...this.#common(signal),
        message: gate(selection.text),
        options,
        initialValue: selection.default,
        maxItems: 10,
      });
      // The prompt holds the very array.
      const end = selection.live?.((now) => {
        choices = merged(choices, now);
        options.splice(0, options.length, ...choices.map(optionOf));
        stdout.emit(REDRAW);
      });
      return await asked.finally(() => end?.());
    });
  }

  text(question: TextQuestion, signal: AbortSignal): Promise<string | undefined> {
    const { check } = question;
    return this.#asked(() =>
      clack.text({
        ...this.#common(signal),
        message: gate(question.text),
        placeholder: gate(question.default),
        defaultValue: question.default,
        validate: (value) => check?.(value?.trim() || question.default),
      }),
    ).then((value) => value?.trim());
  }

  secret(text: string, signal: AbortSignal): Promise<string | undefined> {
    // No mask: how long it is nobody needs to know either.
    return this.#asked(() => clack.password({ ...this.#common(signal), message: gate(text), mask: '' }));
  }

  end(text: string): void {
    const [first = '', ...more] = text.split('\n');
    this.#bar();
    for (const line of [first, ...more]) this.#wrapped(line);
    this.#row([{ text: clack.S_BAR_END, style: 'dim' }]);
  }

  #common(signal: AbortSignal) {
    const { stdin, stdout } = this.#streams;
    return { signal, input: stdin as NodeJS.ReadStream, output: stdout as NodeJS.WriteStream };
  }

  /** While a question is asked nothing else is drawn. Undefined: stopped. */
  async #asked<T>(ask: () => Promise<T | typeof clack.CANCEL_SYMBOL>): Promise<T | undefined> {
    this.clear();
    this.#isAsking = true;
    try {
      const answer = await ask();
      return answer === clack.CANCEL_SYMBOL ? undefined : answer;
    } finally {
      this.#isAsking = false;
    }
  }

  /** A line beside the bar. */
  #bar(span: Span = ''): void {
    const isEmpty = (typeof span === 'string' ? span : span.text) === '';
    this.#row([{ text: clack.S_BAR, style: 'dim' }, isEmpty ? '' : '  ', span]);
  }

  #wrapped(text: string, style?: Style, sign = ''): void {
    const room = (this.#streams.stdout.columns || 80) - 4 - sign.length;
    wrap(gate(text), Math.max(20, room)).forEach((line, i) => {
      const shown = `${i === 0 ? sign : ' '.repeat(sign.length)}${line}`;
      this.#bar(style ? { text: shown, style } : shown);
    });
  }

  #row(spans: readonly Span[]): void {
    this.clear();
    this.#streams.stdout.write(`${render(spans, this.#colour)}\n`);
  }
}

function optionOf({ value, label, hint }: { value: string; label: string; hint?: string | undefined }) {
  return { value, label: gate(label), ...(hint ? { hint: gate(hint) } : {}) };
}
