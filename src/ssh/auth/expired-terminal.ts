/**
 * An expired password that must be changed in a terminal. Where PAM, or shadow(5), wants it changed,
 * OpenSSH lets the user in, and runs passwd(1) in the place of whatever is asked for, in a terminal
 * alone: its questions are passed on as they come.
 */
import { HotdeskError } from '../../kernel/errors.ts';
import { sanitise } from '../../kernel/text.ts';
import type { Running } from '../openings.ts';
import { type Asker, linesOf } from './asker.ts';

/** The terminal of that: wide enough that no question is broken. */
export const PASSWD_TERMINAL = { term: 'dumb', cols: 200, rows: 24, width: 0, height: 0 } as const;

/** Output that ends like this, and has come to rest, is a question. passwd asks three, and again where it is not content. */
const QUESTION = /[:?]\s*$/u;
const REST_MS = 200;
const QUESTIONS = 12;
/** Without output, and without anybody being asked. */
const SILENT_MS = 20_000;
const KEPT = 8192;

/**
 * Asks what passwd asks, until it ends. The channel is closed when this settles.
 * @throws HotdeskError `auth-failed` when it did not take the new password, or nobody answered; `timeout`
 */
export async function changeInTerminal({ channel, ending }: Running, asker: Asker): Promise<void> {
  const output = new Output();
  channel.on('data', (chunk: Buffer) => output.push(chunk.toString('utf8')));
  channel.stderr.on('data', (chunk: Buffer) => output.push(chunk.toString('utf8')));
  void ending.then(() => output.end());
  channel.once('close', () => output.end());
  try {
    for (let questions = 0; ; questions += 1) {
      const said = await output.question();
      if (said === undefined) break;
      channel.write(`${await answerTo(said, asker, questions)}\n`);
    }
    const end = await ending;
    if (end?.code !== 0) throw notChanged(asker, output.last);
  } finally {
    channel.destroy();
  }
}

async function answerTo(said: string, asker: Asker, questions: number): Promise<string> {
  const lines = linesOf(said).split('\n');
  const prompt = lines.pop() ?? '';
  const answers =
    questions < QUESTIONS
      ? await asker.ask({
          kind: 'keyboard-interactive',
          title: `The password of ${asker.who} has expired`,
          instruction: lines.join('\n'),
          prompts: [{ prompt, echo: false }],
        })
      : undefined;
  const answer = answers?.[0];
  // One line, or it would answer the next question too.
  if (answer !== undefined && !/\p{Cc}/u.test(answer)) return answer;
  throw notChanged(asker, answer === undefined ? 'nobody answered' : 'no control characters, please');
}

function notChanged(asker: Asker, said: string): HotdeskError {
  const why = sanitise(said.replaceAll('\n', ' '), 200).replace(/\.$/u, '');
  return new HotdeskError(
    'auth-failed',
    `The password of ${asker.who} has expired, and was not changed${why === '' ? '' : `: ${why}`}.`,
    { hint: `Change it in a terminal: ssh ${asker.who}` },
  );
}

/** What passwd writes, one question at a time. */
class Output {
  /** Since the last question. */
  #text = '';
  #ended = false;
  #changed: () => void = () => {};

  get last(): string {
    return this.#text;
  }

  push(text: string): void {
    this.#text = (this.#text + text).slice(-KEPT);
    this.#changed();
  }

  end(): void {
    this.#ended = true;
    this.#changed();
  }

  /** What was said up to the next question, that included; undefined: it has ended. @throws HotdeskError `timeout` */
  async question(): Promise<string | undefined> {
    for (let silent = 0; silent < SILENT_MS; ) {
      const before = this.#text;
      if (this.#ended) return undefined;
      await this.#rest();
      if (this.#ended) return undefined;
      if (this.#text !== before) {
        silent = 0;
        continue;
      }
      if (QUESTION.test(this.#text)) {
        const said = this.#text;
        this.#text = '';
        return said;
      }
      silent += REST_MS;
    }
    throw new HotdeskError('timeout', 'The program that changes the password says nothing.');
  }

  /** Until something changes, and REST_MS at most. */
  #rest(): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, REST_MS);
      this.#changed = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}
