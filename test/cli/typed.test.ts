import { execFileSync } from 'node:child_process';
import { describe, expect, it, test } from 'vitest';
import { typed, word } from '../../src/cli/typed.ts';
import { agentWith, xterm } from './commands/agent-with.ts';

test.each([
  'xterm@alpha',
  'the report@alpha',
  'it\'s $HOME `id` "x"@alpha',
  'שלום@alpha',
  'a;b|c&d<e>f*?[g]~\\@alpha',
  '',
])('%j is one word of a shell’s command', (text) => {
  expect(execFileSync('sh', ['-c', `printf %s ${word(text)}`], { encoding: 'utf8' })).toBe(text);
});

test('plain names stand as they are, and one like an option is named otherwise', () => {
  expect(typed({ name: 'xterm', host: 'alpha', ref: 'xpra:100@alpha' })).toBe('xterm@alpha');
  expect(typed({ name: '-rf', host: 'alpha', ref: 'xpra:100@alpha' })).toBe('xpra:100@alpha');
});

describe('commands that are named', () => {
  const session = { ...xterm, name: 'the report' };

  it.each([
    ['start alpha --no-attach -- xterm', /Show it: `hotdesk attach 'the report@alpha'`/u],
    ['detach xterm', /Show it: `hotdesk attach 'the report@alpha'`/u],
    ['migrate xterm --to alpha --relaunch', /end it with `hotdesk stop xterm`/u],
  ])('`hotdesk %s` names one that works with a name of two words', async (line, expected) => {
    const { run } = await agentWith({ start: { session }, detach: { session }, migrate: { session } });
    expect((await run(line)).stdout).toMatch(expected);
  });
});
