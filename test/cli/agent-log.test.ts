import fc from 'fast-check';
import { expect, it } from 'vitest';
import { logSpans } from '../../src/cli/agent-log.ts';

const textOf = (line: string) =>
  logSpans(line)
    .map((span) => (typeof span === 'string' ? span : span.text))
    .join('');

it('shows time, level, message and what else there is', () => {
  const line = '{"level":40,"time":"2026-11-21T10:00:00Z","host":"alpha","tries":[1,2],"msg":"lost"}';
  expect(textOf(line)).toBe('2026-11-21T10:00:00Z warn  lost host=alpha tries=[1,2]');
});

it('shows anything but JSON as it is, without what a terminal would obey', () => {
  expect(textOf('panic \u001b[2J here')).toBe('panic [2J here');
  fc.assert(
    fc.property(fc.oneof(fc.string({ unit: 'binary' }), fc.json()), (line) => {
      // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not come through
      expect(textOf(line)).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u202a-\u202e]/u);
    }),
  );
});
