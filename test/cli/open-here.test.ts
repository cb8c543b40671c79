import { expect, it } from 'vitest';
import { needsDisplay, openHere } from '../../src/cli/open-here.ts';
import type { Run } from '../../src/cli/shell.ts';
import { HotdeskError } from '../../src/kernel/errors.ts';

function runOf(seat: string | undefined, { isInteractive = true, json = false } = {}): Run {
  return { seat: async () => seat, console: { isInteractive, flags: { json } } } as unknown as Run;
}

/** An agent that says no where it is asked without a seat. */
function asking(refusal?: HotdeskError) {
  const asked: (string | undefined)[] = [];
  const ask = async (seat: string | undefined) => {
    asked.push(seat);
    if (seat === undefined && refusal) throw refusal;
    return seat ?? 'terminal';
  };
  return { asked, ask };
}
const NO_SEAT = new HotdeskError('no-seat', 'It has windows.');

it.each([
  ['the seat that is named', runOf(':0'), ':7', undefined, [':7']],
  ['the terminal, where that fits', runOf(':0'), undefined, undefined, [undefined]],
  ['the seat, where it has windows', runOf(':0'), undefined, NO_SEAT, [undefined, ':0']],
  [
    'the seat at once, where nobody sits at the terminal',
    runOf(':0', { isInteractive: false }),
    undefined,
    NO_SEAT,
    [':0'],
  ],
  ['the seat at once, where a program reads', runOf(':0', { json: true }), undefined, NO_SEAT, [':0']],
])('asks for %s', async (_what, run, seat, refusal, expected) => {
  const { asked, ask } = asking(refusal);
  expect(await openHere(run, seat, ask)).toBe(expected.at(-1) ?? 'terminal');
  expect(asked).toEqual(expected);
});

it('says why where there is no seat either, or it is refused for something else', async () => {
  await expect(openHere(runOf(undefined), undefined, asking(NO_SEAT).ask)).rejects.toBe(NO_SEAT);
  const other = new HotdeskError('session-gone', 'It is gone.');
  const { asked, ask } = asking(other);
  await expect(openHere(runOf(':0'), undefined, ask)).rejects.toBe(other);
  expect(asked).toEqual([undefined]);
});

it('names commands that work as they stand', () => {
  const error = needsDisplay({ name: 'the report', host: 'alpha', ref: 'tmux:1@alpha' });
  expect(error.toData()).toMatchObject({
    code: 'no-seat',
    hint: expect.stringContaining("attach 'the report@alpha'`"),
  });
});
