import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { type Displaceable, Displaced } from '../../src/agent/displaced.ts';
import { silentLogger } from '../../src/kernel/log.ts';
import type { EventData } from '../../src/protocol/api.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const session = { backend: 'xpra', localId: '1' };
const event = (phase: EventData<'handover'>['phase'], host = 'h3') => ({
  ...{ ...session, phase, by: { hostId: host, host } },
});

interface Entry extends Displaceable {
  isDisplaced: boolean;
  closed: boolean;
}

function rig() {
  const open: Entry[] = [];
  const log: string[] = [];
  const displaced = new Displaced<Entry>({
    log: silentLogger,
    of: (hostKey) => open.filter(({ viewer }) => viewer.hostKey === hostKey),
    isOpen: (entry) => open.includes(entry),
    close: async ({ viewer }) => void log.push(`close ${viewer.id}`),
    onTaken: (viewers) => void log.push(`taken ${viewers.map(({ id }) => id).join()}`),
  });
  const show = (id: string, seat = ':0', fails = false): Entry => {
    const entry: Entry = {
      viewer: { id, ref: 'r', hostKey: 'H', ...session, seat, since: 0, state: 'shown' },
      reopen: async () => {
        log.push(`reopen ${id}`);
        if (fails) throw new Error('no display');
        show(`${id}'`, seat);
      },
      displaced: () => entry.isDisplaced,
      ...{ isDisplaced: false, closed: false },
    };
    open.push(entry);
    return entry;
  };
  const exit = (entry: Entry) => void open.splice(open.indexOf(entry), 1);
  return { displaced, log, show, exit, pass: (ms: number) => vi.advanceTimersByTimeAsync(ms) };
}

it('closes those that are still there when it is done, and tells of all that the user had not closed', () => {
  const { displaced, log, show, exit } = rig();
  const [gone, closed] = [show('gone'), show('closed')];
  show('slow');
  displaced.onHandover('H', event('begin'));
  exit(gone);
  exit(closed);
  closed.closed = true;
  displaced.onHandover('H', event('done'));
  expect(log).toEqual(['close slow', 'taken gone,slow']);
});

it('is nothing where it never began, or on another host', async () => {
  const { displaced, log, show, pass } = rig();
  show('a');
  displaced.onHandover('H', event('done'));
  displaced.onHandover('other', event('begin'));
  displaced.onHandover('other', event('failed'));
  await pass(20_000);
  expect(log).toEqual([]);
  expect(displaced.movingBy('H', session)).toBeUndefined();
});

it('brings back what ends after it has failed, or waits without its session; nothing else', async () => {
  const { displaced, log, show, exit, pass } = rig();
  const [ends, waits] = [show('ends', ':0'), show('waits', ':1')];
  show('stays', ':2');
  displaced.onHandover('H', event('begin'));
  waits.isDisplaced = true;
  displaced.onHandover('H', event('failed'));
  displaced.onHandover('H', event('failed'));
  await pass(1000);
  expect(log).toEqual(['reopen waits']);
  exit(ends);
  await pass(1000);
  expect(log).toEqual(['reopen waits', 'reopen ends']);
  expect(displaced.movingBy('H', session)?.host).toBe('h3');
  await pass(20_000);
  expect(log).toHaveLength(2);
  expect(displaced.movingBy('H', session)).toBeUndefined();
});

it('brings nothing back that the user has closed, nor once all ends', async () => {
  const { displaced, log, show, exit, pass } = rig();
  const entry = show('a');
  displaced.onHandover('H', event('begin'));
  displaced.onHandover('H', event('failed'));
  entry.closed = true;
  exit(entry);
  await pass(1000);
  const other = show('b');
  displaced.onHandover('H', event('begin'));
  displaced.onHandover('H', event('failed'));
  displaced.end();
  exit(other);
  await pass(1000);
  expect(log).toEqual([]);
});

it('goes over to the next handover, which owes what the one before it took', async () => {
  const { displaced, log, show, exit, pass } = rig();
  const entry = show('a');
  displaced.onHandover('H', event('begin'));
  displaced.onHandover('H', event('failed'));
  displaced.onHandover('H', event('begin', 'h4'));
  exit(entry);
  await pass(20_000);
  expect(log).toEqual([]);
  expect(displaced.movingBy('H', session)?.host).toBe('h4');
  displaced.onHandover('H', event('failed', 'h4'));
  await pass(100);
  expect(log).toEqual(['reopen a']);
});

it('owes what ended for the handover before, whose outcome never came', async () => {
  const { displaced, log, show, exit, pass } = rig();
  const entry = show('a');
  displaced.onHandover('H', event('begin'));
  exit(entry);
  displaced.onHandover('H', event('begin', 'h4'));
  displaced.onHandover('H', event('failed', 'h4'));
  await pass(100);
  expect(log).toEqual(['reopen a']);
});

it('brings a seat’s viewer back once', async () => {
  const { displaced, log, show, exit, pass } = rig();
  const all = [show('a'), show('b')];
  displaced.onHandover('H', event('begin'));
  for (const entry of all) exit(entry);
  displaced.onHandover('H', event('failed'));
  await pass(100);
  expect(log).toEqual(['reopen a']);
});

it('goes on where one cannot be opened again', async () => {
  const { displaced, log, show, exit, pass } = rig();
  const all = [show('a', ':0', true), show('b', ':1')];
  displaced.onHandover('H', event('begin'));
  for (const entry of all) exit(entry);
  displaced.onHandover('H', event('failed'));
  await pass(100);
  expect(log).toEqual(['reopen a', 'reopen b']);
  expect(displaced.movingBy('H', session)).toBeUndefined();
});

it('tells what is being taken from here, as long as its outcome is open', () => {
  const { displaced, show } = rig();
  show('a');
  displaced.onHandover('H', event('begin'));
  expect(displaced.taken('H')).toEqual([event('begin')]);
  expect(displaced.taken('other')).toEqual([]);
  displaced.onHandover('H', event('failed'));
  expect(displaced.taken('H')).toEqual([]);
});
