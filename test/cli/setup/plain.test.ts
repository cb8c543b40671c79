import { describe, expect, it } from 'vitest';
import { merged, PlainTalk } from '../../../src/cli/setup/plain.ts';
import type { Choice } from '../../../src/wizard/wizard.ts';
import { FakeTerminal } from './terminal.ts';

const signal = new AbortController().signal;

function talk(columns = 80) {
  const terminal = new FakeTerminal(columns);
  return { terminal, talk: new PlainTalk(terminal.streams) };
}

describe('PlainTalk', () => {
  it('moves no cursor, and shows no escape sequence of anybody', async () => {
    const { terminal, talk: plain } = talk();
    plain.begin('Setting up alpha');
    plain.step(1, 8, 'This machine');
    plain.lines([
      { kind: 'text', text: 'Some \u001b[2Jtext.' },
      { kind: 'art', text: '+---+' },
      { kind: 'warning', text: 'Look out.' },
      { kind: 'command', text: 'apt install xpra' },
    ]);
    plain.progress('installing');
    plain.progress('installing');
    plain.outcome('done', 'It is there.');
    const answer = plain.confirm('Go on\u001b[5m?', false, signal);
    await terminal.shows('Go on [5m? [y/N] ');
    terminal.type('y\n');
    expect(await answer).toBe(true);
    expect(terminal.text).not.toContain('\u001b');
    expect(terminal.text).not.toContain('\r');
    expect(terminal.text).not.toContain('+---+');
    expect(terminal.text).toContain('Step 1 of 8: This machine.\n');
    expect(terminal.text).toContain('Warning: Look out.\n  apt install xpra\n');
    expect(terminal.text.match(/installing/gu)).toHaveLength(1);
  });

  it('takes Enter for the safe answer, and asks again for what is none', async () => {
    const { terminal, talk: plain } = talk();
    const first = plain.confirm('Sure?', false, signal);
    terminal.type('\n');
    expect(await first).toBe(false);
    const second = plain.confirm('Sure?', true, signal);
    terminal.type('maybe\nNO\n');
    expect(await second).toBe(false);
    expect(terminal.text).toContain('Answer y for yes or n for no.');
  });

  it('numbers choices, and tells new ones without moving the old', async () => {
    const { terminal, talk: plain } = talk();
    let change: (choices: readonly Choice[]) => void = () => {};
    let ended = 0;
    const chosen = plain.select(
      {
        text: 'Host',
        choices: [
          { value: 'alpha', label: 'alpha' },
          { value: 'other', label: 'another' },
        ],
        default: 'alpha',
        live: (listener) => {
          change = listener;
          return () => {
            ended += 1;
          };
        },
      },
      signal,
    );
    await terminal.shows('Number [1]: ');
    change([
      { value: 'beta', label: 'beta', hint: 'on this network' },
      { value: 'other', label: 'another' },
    ]);
    expect(terminal.text).toContain('3. beta (on this network)');
    terminal.type('7\n3\n');
    expect(await chosen).toBe('beta');
    expect(terminal.text).toContain('Answer with a number from 1 to 3.');
    expect(ended).toBe(1);
  });

  it('checks what is typed, and suggests', async () => {
    const { terminal, talk: plain } = talk();
    const check = (value: string) => (value === 'bad' ? 'That is no name.' : undefined);
    const name = plain.text({ text: 'Name', default: 'alpha', check }, signal);
    terminal.type('bad\n  beta \n');
    expect(await name).toBe('beta');
    expect(terminal.text).toContain('Name [alpha]: ');
    expect(terminal.text).toContain('That is no name.');
  });

  it('never shows a password', async () => {
    const { terminal, talk: plain } = talk();
    const secret = plain.secret('Password', signal);
    terminal.type('hunter2\r');
    expect(await secret).toBe('hunter2');
    expect(terminal.text).toBe('Password (not shown): \n');
  });

  it('fits its columns', () => {
    const { terminal, talk: plain } = talk(40);
    plain.lines([{ kind: 'text', text: 'word '.repeat(40).trim() }]);
    expect(Math.max(...terminal.text.split('\n').map((line) => line.length))).toBeLessThanOrEqual(40);
  });
});

describe('merged', () => {
  it('keeps the place of each choice, and says what is gone', () => {
    const before = [
      { value: 'a', label: 'a' },
      { value: 'o', label: 'other' },
    ];
    expect(
      merged(before, [
        { value: 'b', label: 'b' },
        { value: 'o', label: 'other!' },
      ]),
    ).toEqual([
      { value: 'a', label: 'a', hint: 'gone from the network' },
      { value: 'o', label: 'other!' },
      { value: 'b', label: 'b' },
    ]);
  });
});
