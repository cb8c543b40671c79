/** What a person answers, on a terminal of the test's. */
import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { isAgreed, lineFrom } from '../../src/cli/ask.ts';
import type { Run } from '../../src/cli/shell.ts';

function person(columns = 80) {
  const stdin = new PassThrough();
  const stop = new AbortController();
  const shown: string[] = [];
  const streams = { stdin, stdout: { columns }, stderr: { write: (text: string) => shown.push(text) } };
  const run = { shell: { streams }, interrupt: { signal: stop.signal } } as unknown as Run;
  return { run, stdin, stop, shown };
}

describe('isAgreed', () => {
  it.each(['y', 'Y', 'yes', ' YES '])('“%s” is yes', async (answer) => {
    const { run, stdin, shown } = person();
    stdin.write(`${answer}\n`);
    expect(await isAgreed(run, 'Stop it?')).toBe(true);
    expect(shown.join('')).toBe('Stop it? [y/N] ');
  });

  it.each(['', 'n', 'no', 'yess', 'ye', 'yes please', 'y n', 'j', 'ok'])('“%s” is no', async (answer) => {
    const { run, stdin } = person();
    stdin.write(`${answer}\n`);
    expect(await isAgreed(run, 'Stop it?')).toBe(false);
  });

  it('is no where the input ends instead, as by Ctrl-D', async () => {
    const { run, stdin } = person();
    stdin.end();
    expect(await isAgreed(run, 'Stop it?')).toBe(false);
  });
});

describe('lineFrom', () => {
  it('is the first line alone, and what is typed after it stays where it is', async () => {
    const { run, stdin } = person();
    stdin.write('the report\n');
    expect(await lineFrom(run, 'New name:')).toBe('the report');
    stdin.write('another\n');
    expect(await lineFrom(run, 'New name:')).toBe('another');
  });

  it('a name from elsewhere cannot write over the question, nor push it off the screen', async () => {
    const { run, stdin, shown } = person(40);
    stdin.end('\n');
    await lineFrom(run, `Stop ${'\u{1b}[2J\u{202e}x'.repeat(200)}?`);
    const text = shown.join('');
    for (const unsafe of ['\u{1b}', '\u{202e}']) expect(text).not.toContain(unsafe);
    expect(text.length).toBeLessThanOrEqual(81);
  });

  it('ends with whoever is asked, and listens no more', async () => {
    const { run, stdin, stop } = person();
    const asking = expect(lineFrom(run, 'New name:')).rejects.toMatchObject({ code: 'cancelled' });
    stop.abort();
    await asking;
    expect([stdin.listenerCount('data'), stdin.listenerCount('end')]).toEqual([0, 0]);
  });
});
