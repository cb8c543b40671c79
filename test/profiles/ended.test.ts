import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SessionEnd } from '../../src/model/session-end.ts';
import { parseProfile } from '../../src/profiles/check.ts';
import { readEnd, sessionEnd } from '../../src/profiles/ended.ts';
import { parseKeyValues } from '../../src/profiles/parse.ts';
import { fakeMachine } from './fake-machine.ts';
import { SMALL } from './small-profile.ts';

const ended = {
  command: { argv: ['end-of', '{localId}'] },
  output: { format: 'key-values' as const, marker: 'hotdesk:' },
  ...{ at: '{at}', code: '{code}', signal: '{signal}' },
  lines: ['{line1}', '{line2}'],
};
const read = (text: string, startedAt = 0) => readEnd(ended, parseKeyValues(text, ended.output), startedAt);

describe('a record of an end', () => {
  it('tells the code, or the signal by its name', () => {
    expect(read('hotdesk:at=100\nhotdesk:code=2\nhotdesk:line1=a\nhotdesk:line2=b\n')).toEqual({
      code: 2,
      lines: ['a', 'b'],
    });
    expect(read('hotdesk:at=100\nhotdesk:code=\nhotdesk:signal=9\n')).toEqual({
      signal: 'SIGKILL',
      lines: [],
    });
    expect(read('hotdesk:at=100\nhotdesk:code=-15\n')).toEqual({ signal: 'SIGTERM', lines: [] });
    expect(read('hotdesk:at=100\nhotdesk:signal=SEGV\n')).toEqual({ signal: 'SIGSEGV', lines: [] });
    expect(read('hotdesk:at=100\nhotdesk:code=0\nhotdesk:signal=40\n')).toEqual({
      signal: 'SIG40',
      lines: [],
    });
  });

  it('is none when it is empty, or older than the session', () => {
    expect(read('')).toBeUndefined();
    expect(read('hotdesk:code=2\n')).toBeUndefined();
    expect(read('hotdesk:at=100\nhotdesk:code=2\n', 103)).toBeUndefined();
    expect(read('hotdesk:at=100\nhotdesk:code=2\n', 101)).toMatchObject({ code: 2 });
  });

  it('holds nothing that is not safe to show, whatever is in it', () => {
    const hostile =
      'hotdesk:at=1\nhotdesk:code=2; reboot\nhotdesk:signal=../KILL\nhotdesk:line1=\u001b]0;x\u0007\u202e!\n';
    expect(read(hostile)).toEqual({ lines: [']0;x !'] });
    expect(read('hotdesk:at=1\nhotdesk:code=999\n')).toBeUndefined();
    fc.assert(
      fc.property(
        fc.record({
          code: fc.string(),
          signal: fc.string(),
          line1: fc.string({ maxLength: 2000 }),
          line2: fc.string(),
        }),
        (fields) => {
          const end = readEnd(ended, { at: '5', ...fields }, 0);
          if (!end) return;
          expect(SessionEnd.parse(end)).toEqual(end);
          expect(end.lines.join(' ')).not.toMatch(/[\p{Cc}\p{Cf}]/u);
          expect(end.lines.join('').length).toBeLessThanOrEqual(1000);
        },
      ),
    );
  });
});

const SECTION = `
ended:
  command: { argv: [smallctl, end, '{localId}'] }
  output: { format: key-values, marker: '@' }
  at: '{at}'
  code: '{code}'
  signal: '{signal}'
  lines: ['{said}']
`;

describe('the end of a session', () => {
  it('is asked of the machine, where the profile keeps one', async () => {
    const { machine, ran } = fakeMachine(() => ({ stdout: 'hello\n@at=12\n@code=1\n@said=no\n' }));
    const profile = parseProfile(`${SMALL}${SECTION}`, 'small.yaml');
    expect(await sessionEnd(profile, machine, { localId: 'p1', startedAt: 10 })).toEqual({
      code: 1,
      lines: ['no'],
    });
    expect(ran.map(({ argv }) => argv)).toEqual([['smallctl', 'end', 'p1']]);
    expect(await sessionEnd(parseProfile(SMALL, 'small.yaml'), machine, { localId: 'p1' })).toBeUndefined();
    expect(ran).toHaveLength(1);
  });

  it('is asked by its identifier alone: the listing has it no more', () => {
    const wrong = `${SMALL}${SECTION.replace('{localId}', '{clients}')}`;
    expect(() => parseProfile(wrong, 'small.yaml')).toThrow('small.yaml: ended.command.argv[2]: “clients”');
  });
});
