import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SEAT_VARIABLES } from '../../src/model/seat-of.ts';
import { HEAD_START_LIMIT, plainCommand, readHeadStart } from '../../src/protocol/head-start.ts';

const line = fc.string({ unit: 'binary' }).map((text) => text.toWellFormed().replaceAll('\n', ' '));
const env = fc
  .record(Object.fromEntries(SEAT_VARIABLES.map((name) => [name, line])), { requiredKeys: ['DISPLAY'] })
  .filter(({ DISPLAY }) => DISPLAY !== '');

/** As bin/hotdesk.js writes it. */
function written(words: readonly string[], given: Readonly<Record<string, unknown>>, terminal = '0'): Buffer {
  const values = SEAT_VARIABLES.map((name) => given[name] ?? '');
  return Buffer.from(['hotdesk 1', terminal, ...values, `${words.length}`, ...words, 'end', ''].join('\n'));
}

describe('reading a head start', () => {
  it('gives the words and the seat as they were', () => {
    fc.assert(
      fc.property(fc.array(line), env, fc.boolean(), (words, given, isTerminal) => {
        const read = readHeadStart(written(words, given, isTerminal ? '1' : '0'));
        const kept = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== ''));
        expect(read).toEqual({
          words,
          isTerminal,
          seat: { id: given.DISPLAY, kind: 'x11', env: kept },
        });
      }),
    );
  });

  it('takes no part of one for the whole', () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(line, fc.constant('end'))), env, fc.nat(), (words, given, cut) => {
        const whole = written(words, given);
        const read = readHeadStart(whole.subarray(0, cut % whole.length));
        expect(read === undefined || read === 'incomplete').toBe(true);
      }),
    );
    expect(readHeadStart(Buffer.alloc(0))).toBe('incomplete');
  });

  it.each([
    ['another form', (text: string) => text.replace('hotdesk 1', 'hotdesk 2')],
    ['neither with nor without a terminal', (text: string) => text.replace('\n0\n', '\n2\n')],
    ['a word too many', (text: string) => text.replace('\nend\n', '\nmore\nend\n')],
    ['no count', (text: string) => text.replace('\n2\n', '\n\n')],
    ['no seat', (text: string) => text.replace('\n:1\n', '\n\n')],
  ])('refuses %s', (_what, change) => {
    const whole = written(['attach', 'x'], { DISPLAY: ':1' }).toString();
    expect(readHeadStart(Buffer.from(whole))).toMatchObject({ words: ['attach', 'x'] });
    expect(change(whole)).not.toBe(whole);
    expect(readHeadStart(Buffer.from(change(whole)))).toBeUndefined();
  });

  it('refuses what is no UTF-8, which the command line would read as other words, and what is too long', () => {
    const whole = written(['attach', 'xy'], { DISPLAY: ':1' });
    const other = Buffer.from(whole);
    other[other.indexOf('xy')] = 0xff;
    expect(readHeadStart(other)).toBeUndefined();
    expect(
      readHeadStart(written(['attach', 'x'.repeat(HEAD_START_LIMIT)], { DISPLAY: ':1' })),
    ).toBeUndefined();
  });
});

describe('what a plain command line means', () => {
  const words = (text: string) => text.split(' ');

  it('start', () => {
    expect(plainCommand(words('start alpha -b vnc --name a -k app -o x=1 -o y -- xterm -e top'))).toEqual({
      method: 'start',
      params: {
        host: 'alpha',
        command: ['xterm', '-e', 'top'],
        options: { x: '1', y: true },
        attach: true,
        backend: 'vnc',
        name: 'a',
        kind: 'app',
      },
    });
    expect(plainCommand(words('start alpha'))).toEqual({
      method: 'start',
      params: { host: 'alpha', command: [], options: {}, attach: true },
    });
  });

  it('attach and move', () => {
    expect(plainCommand(words('attach a@b -o quality=80'))).toEqual({
      method: 'attach',
      params: { ref: 'a@b', mode: 'take', options: { quality: '80' } },
    });
    expect(plainCommand(words('move a'))).toEqual({ method: 'move', params: { ref: 'a', options: {} } });
  });

  it.each([
    'start',
    'list alpha',
    'start --help',
    'start alpha xterm',
    'start alpha --no-attach -- xterm',
    'start alpha --name=a -- xterm',
    'start alpha --name',
    'start alpha --name -- xterm',
    'start alpha --name a --name b',
    'start alpha --kind window',
    'start alpha -o =x',
    'start alpha -v -- xterm',
    'attach a --share',
    'attach a b',
    'attach a -- b',
    'attach a --backend vnc',
    'move a --to b',
    'move -- a',
    'attach toString a',
  ])('leaves `%s` to the parser of the command line', (line_) => {
    expect(plainCommand(words(line_))).toBeUndefined();
  });

  it('leaves an empty name to it', () => {
    expect(plainCommand(['attach', ''])).toBeUndefined();
    expect(plainCommand(['start', 'a', '--name', ''])).toBeUndefined();
    expect(plainCommand([])).toBeUndefined();
  });
});
