import { expect, it } from 'vitest';
import type { SeatEvent, Snapshot } from '../../../src/protocol/api.ts';
import type { MenuAction } from '../../../src/tray/menu/model.ts';
import type { Notice } from '../../../src/tray/notify/notice.ts';
import { type ChoiceItem, Notify, type NotifySettings } from '../../../src/tray/notify/notify.ts';

const ALL: NotifySettings = {
  kinds: { opened: true, moved: true, ended: true, hosts: true },
  quietHours: '',
};
const EMPTY: Snapshot = { self: 'me', hosts: [], sessions: [], viewers: [], seats: [] };
const HERE: Snapshot = {
  ...EMPTY,
  hosts: [{ key: 'a', name: 'alpha', addresses: [], finders: [], state: 'agent', adverts: [] }],
  sessions: [
    {
      ...{ backend: 'xpra', localId: '1', name: 'calc', kind: 'app', watchers: [], state: 'live' },
      ...{ hostKey: 'a', host: 'alpha', ref: 'xpra:1@alpha' },
    },
  ],
  viewers: [
    {
      id: 'v',
      ref: 'xpra:1@alpha',
      hostKey: 'a',
      backend: 'xpra',
      localId: '1',
      seat: ':0',
      since: 0,
      state: 'shown',
    },
  ],
};
const opened: SeatEvent = {
  ...{ what: 'opened', seat: ':0', ref: 'xpra:1@alpha', name: 'calc', host: 'alpha' },
  by: { hostId: 'B', host: 'beta' },
};

class Menu {
  #items: readonly (ChoiceItem & { id: string })[] = [];
  #next = 1;
  get shown() {
    return this.#items;
  }
  add(item: ChoiceItem): string {
    const id = String(this.#next++);
    this.#items = [...this.#items, { ...item, id }];
    return id;
  }
  remove(id: string): void {
    this.#items = this.#items.filter((item) => item.id !== id);
  }
  answer(id: string, choice: string): void {
    this.#items
      .find((item) => item.id === id)
      ?.choices.find((each) => each.id === choice)
      ?.run();
  }
}

function rig(settings: NotifySettings | Error = ALL) {
  const timers: { at: number; fn: () => void }[] = [];
  const time = { now: new Date('2026-03-04T12:00:00').getTime() };
  const menu = new Menu();
  const ran: MenuAction[] = [];
  const shown: { notice: Notice; choose: (id: string | undefined) => void; isClosed: boolean }[] = [];
  const notify = new Notify({
    clock: {
      now: () => time.now,
      after: (ms, fn) => {
        const timer = { at: time.now + ms, fn };
        timers.push(timer);
        return () => void timers.splice(timers.indexOf(timer), timers.includes(timer) ? 1 : 0);
      },
    },
    seat: () => ':0',
    settings: async () => {
      if (settings instanceof Error) throw settings;
      return settings;
    },
    menu,
    run: (action) => void ran.push(action),
    deliver: (notice) => {
      let choose: (id: string | undefined) => void = () => {};
      const chosen = new Promise<string | undefined>((resolve) => {
        choose = resolve;
      });
      const entry = { notice, choose: (id: string | undefined) => choose(id), isClosed: false };
      shown.push(entry);
      return {
        chosen,
        close: () => {
          entry.isClosed = true;
          choose(undefined);
        },
      };
    },
    onFailure: () => {},
  });
  const settle = () => new Promise((resolve) => setImmediate(resolve));
  const pass = async (ms: number) => {
    time.now += ms;
    for (const timer of timers.splice(0)) {
      if (timer.at <= time.now) timer.fn();
      else timers.push(timer);
    }
    await settle();
  };
  return { notify, menu, ran, shown, pass, settle };
}

it('offers the same choice on the screen and in the menu; one answer ends both', async () => {
  const { notify, menu, ran, shown, settle } = rig();
  notify.snapshot(HERE);
  notify.seatEvent(opened);
  await settle();
  const [item] = menu.shown;
  expect(item).toMatchObject({
    text: 'Opened here from beta: calc on alpha.',
    choices: [{ label: 'Keep' }, { label: 'Send back' }],
  });
  expect(shown[0]?.notice.options.map(({ label }) => label)).toEqual(['Keep', 'Send back']);
  menu.answer(item?.id ?? '', 'back');
  expect(ran).toEqual([{ do: 'send', ref: 'xpra:1@alpha', to: 'beta' }]);
  await settle();
  expect(shown[0]?.isClosed).toBe(true);
  expect(menu.shown).toEqual([]);

  notify.seatEvent(opened);
  await settle();
  shown[1]?.choose('back');
  await settle();
  expect(ran).toHaveLength(2);
  expect(menu.shown).toEqual([]);
});

it('leaves the choice in the menu when the notification is closed or times out', async () => {
  const { notify, menu, ran, shown, pass, settle } = rig();
  notify.snapshot(HERE);
  notify.seatEvent(opened);
  await settle();
  shown[0]?.choose(undefined);
  await pass(1_000_000_000);
  expect(ran).toEqual([]);
  expect(menu.shown).toHaveLength(1);
  // It went elsewhere: there is nothing to choose any more.
  notify.snapshot({ ...HERE, viewers: [] });
  expect(menu.shown).toEqual([]);
});

it.each<[string, NotifySettings]>([
  ['turned off', { ...ALL, kinds: { ...ALL.kinds, opened: false, ended: false } }],
  ['in quiet hours', { ...ALL, quietHours: '11:00-13:00' }],
])('shows nothing %s, and keeps the choice in the menu', async (_, settings) => {
  const { notify, menu, shown, pass, settle } = rig(settings);
  notify.snapshot(HERE);
  notify.seatEvent(opened);
  await settle();
  expect(menu.shown).toHaveLength(1);
  notify.snapshot({ ...HERE, sessions: [], viewers: [] });
  await pass(5000);
  expect(shown).toEqual([]);
});

it('tells what ended a moment later, also when the settings cannot be read', async () => {
  const { notify, shown, pass } = rig(new Error('the agent is gone'));
  notify.snapshot(HERE);
  notify.snapshot({ ...HERE, sessions: [], viewers: [] });
  await pass(100);
  expect(shown).toEqual([]);
  await pass(5000);
  expect(shown.map(({ notice }) => notice.text)).toEqual(['Ended on alpha: calc.']);
});

it('is quiet once it has ended, and takes back what is on the screen', async () => {
  const { notify, shown, pass, settle } = rig();
  notify.snapshot(HERE);
  notify.seatEvent(opened);
  await settle();
  notify.snapshot({ ...HERE, sessions: [], viewers: [] });
  notify.end();
  await pass(60_000);
  expect(shown.map(({ notice, isClosed }) => [notice.kind, isClosed])).toEqual([['opened', true]]);
});
