// @ts-check
import readline from 'node:readline/promises';
import { StepCancelled } from './step.mjs';

/**
 * Asks at the terminal; Enter means `byDefault`, the end of input no.
 * @param {string} question
 * @param {boolean} byDefault
 * @throws {StepCancelled} on Ctrl-C: that means to stop, not to go on without
 */
export async function confirm(question, byDefault) {
  const prompt = readline.createInterface({ input: process.stdin, output: process.stderr });
  try {
    const closed = new Promise((resolve) => prompt.once('close', () => resolve('n')));
    const stopped = new Promise((_, reject) => prompt.once('SIGINT', () => reject(new StepCancelled())));
    const answer = await Promise.race([
      prompt.question(`${question} ${byDefault ? '[Y/n]' : '[y/N]'} `),
      closed,
      stopped,
    ]);
    const text = String(answer).trim();
    return text === '' ? byDefault : /^y(es)?$/iu.test(text);
  } finally {
    prompt.close();
  }
}
