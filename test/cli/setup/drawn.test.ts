import { stripVTControlCharacters } from 'node:util';
import { describe, expect, it } from 'vitest';
import { DrawnTalk } from '../../../src/cli/setup/drawn.ts';
import type { Choice } from '../../../src/wizard/wizard.ts';
import { FakeTerminal } from './terminal.ts';

const signal = new AbortController().signal;
const DOWN = '\u001b[B';

function talk(columns = 80) {
  const terminal = new FakeTerminal(columns);
  return { terminal, talk: new DrawnTalk(terminal.streams, false) };
}

describe('DrawnTalk', () => {
  it('draws steps, facts and outcomes beside a line, within its columns, and obeys nobody’s escapes', () => {
    const { terminal, talk: drawn } = talk(60);
    drawn.begin('Setting up alpha');
    drawn.step(2, 8, 'Pick a host');
    drawn.lines([
      { kind: 'text', text: `Some \u001b[2J${'long '.repeat(30)}text.` },
      { kind: 'art', text: '|  .o+  |' },
      { kind: 'fact', text: 'SHA256:abc' },
    ]);
    drawn.outcome('failed', 'No.');
    expect(terminal.text).not.toContain('\u001b[2J');
    const lines = stripVTControlCharacters(terminal.text).split('\n');
    expect(lines[0]).toMatch(/^. {2}Setting up alpha$/u);
    expect(lines).toContain('│  |  .o+  |');
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(60);
  });

  it('answers by keys alone', async () => {
    const { terminal, talk: drawn } = talk();
    const yes = drawn.confirm('Go on?', false, signal);
    await terminal.shows('Go on?');
    terminal.type('y');
    expect(await yes).toBe(true);

    const choices = [
      { value: 'a', label: 'alpha' },
      { value: 'b', label: 'beta' },
    ];
    const picked = drawn.select({ text: 'Host', choices, default: 'a' }, signal);
    await terminal.shows('beta');
    terminal.type(`${DOWN}\r`);
    expect(await picked).toBe('b');

    const name = drawn.text({ text: 'Name', default: 'gamma' }, signal);
    await terminal.shows('Name');
    terminal.type('\r');
    expect(await name).toBe('gamma');
  });

  it('adds a choice below the cursor as it comes', async () => {
    const { terminal, talk: drawn } = talk();
    let change: (choices: readonly Choice[]) => void = () => {};
    const choices = [{ value: 'o', label: 'another one' }];
    const live = (listener: (now: readonly Choice[]) => void) => {
      change = listener;
      return () => {};
    };
    const picked = drawn.select({ text: 'Host', choices, default: 'o', live }, signal);
    await terminal.shows('another one');
    change([{ value: 'd', label: 'delta', hint: 'on this network' }, ...choices]);
    await terminal.shows('delta');
    terminal.type(`${DOWN}\r`);
    expect(await picked).toBe('d');
  });

  it('shows nothing of a password, not even its length', async () => {
    const { terminal, talk: drawn } = talk();
    const secret = drawn.secret('Password', signal);
    await terminal.shows('Password');
    terminal.text = '';
    for (const key of 'hunter2') terminal.type(key);
    await new Promise((resolve) => setTimeout(resolve, 20));
    const shown = stripVTControlCharacters(terminal.text).replace(/\s/gu, '');
    terminal.type('\r');
    expect(await secret).toBe('hunter2');
    expect(shown).toBe('');
    expect(terminal.text).not.toContain('hunter2');
  });

  it('is left by Ctrl-C and by the signal', async () => {
    const { terminal, talk: drawn } = talk();
    const one = drawn.confirm('Go on?', true, signal);
    await terminal.shows('Go on?');
    terminal.type('\u0003');
    expect(await one).toBeUndefined();
    const controller = new AbortController();
    const other = drawn.text({ text: 'Name', default: '' }, controller.signal);
    await terminal.shows('Name');
    controller.abort();
    expect(await other).toBeUndefined();
    expect(terminal.raw.at(-1)).toBe(false);
  });

  it('says what goes on in one line, which is gone before anything else is said', () => {
    const { terminal, talk: drawn } = talk(40);
    drawn.progress(`installing ${'x'.repeat(100)}`);
    const [, line = ''] = stripVTControlCharacters(terminal.text).split('\r');
    expect(line.length).toBeLessThanOrEqual(40);
    drawn.progress('installing', 1);
    drawn.progress('installing', 7);
    expect(stripVTControlCharacters(terminal.text)).toMatch(/installing …\r.*installing … 7 s$/u);
    drawn.outcome('done', 'There.');
    expect(terminal.text).toContain('\r\u001b[K');
  });
});
