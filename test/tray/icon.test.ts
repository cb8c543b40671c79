import { beforeEach, describe, expect, it } from 'vitest';
import type { BusSignal, ServingBus } from '../../src/kernel/bus.ts';
import type { Clock } from '../../src/kernel/clock.ts';
import type { AdapterKind, AdapterOptions } from '../../src/tray/adapter.ts';
import { Icon, type IconDeps } from '../../src/tray/icon.ts';
import { LONG, SHORT } from '../../src/tray/menu/model.ts';

/** Time that passes when the test says so. */
class Hand implements Clock {
  time = 0;
  #timers: { at: number; fn: () => void }[] = [];
  now = () => this.time;
  after(ms: number, fn: () => void) {
    const timer = { at: this.time + ms, fn };
    this.#timers.push(timer);
    return () => {
      this.#timers = this.#timers.filter((each) => each !== timer);
    };
  }
  async pass(ms: number): Promise<void> {
    const until = this.time + ms;
    for (;;) {
      const next = this.#timers.filter(({ at }) => at <= until).sort((a, b) => a.at - b.at)[0];
      if (!next) break;
      this.#timers = this.#timers.filter((each) => each !== next);
      this.time = next.at;
      next.fn();
      await settle();
    }
    this.time = until;
    await settle();
  }
}
const settle = () => new Promise<void>((resolve) => setTimeout(resolve, 5));

/** A bus with a panel that comes and goes. */
class FakeBus implements ServingBus {
  readonly name = ':1.1';
  owner: string | undefined = ':1.9';
  closed = false;
  #signal: (signal: BusSignal) => void = () => {};
  #close: () => void = () => {};
  async call({ member }: { member: string }): Promise<readonly unknown[]> {
    if (member === 'GetNameOwner') {
      if (this.owner === undefined) throw new Error('NameHasNoOwner');
      return [this.owner];
    }
    return [[[], [true]]];
  }
  onSignal(listener: (signal: BusSignal) => void) {
    this.#signal = listener;
  }
  onClose(listener: () => void) {
    this.#close = listener;
  }
  onCall() {}
  emit() {}
  close() {
    this.closed = true;
    this.#close();
  }
  async panel(owner: string | undefined): Promise<void> {
    this.owner = owner;
    const body = ['org.kde.StatusNotifierWatcher', '', owner ?? ''];
    this.#signal({
      sender: 'x',
      path: '/',
      interface: 'org.freedesktop.DBus',
      member: 'NameOwnerChanged',
      body,
    });
    await settle();
  }
}

let clock: Hand;
let bus: FakeBus;
let log: string[];
let opened: AdapterOptions[];
let broken: Set<string>;

beforeEach(() => {
  clock = new Hand();
  bus = new FakeBus();
  log = [];
  opened = [];
  broken = new Set();
});

function adapter(name: 'systray2' | 'sni'): AdapterKind {
  return {
    name,
    limits: name === 'sni' ? LONG : SHORT,
    unusable: async () => (broken.has(`${name} unusable`) ? 'not here' : undefined),
    open: async (options) => {
      if (broken.has(name)) throw new Error('no display');
      opened.push(options);
      log.push(`open ${name}`);
      return {
        show: (view) => log.push(`show ${view.tooltip}`),
        close: async () => void log.push(`close ${name}`),
      };
    },
  };
}

function icon(more: Partial<IconDeps> = {}): Icon {
  return new Icon({
    adapters: () => [adapter('systray2'), adapter('sni')],
    openBus: async () => bus,
    icons: async () => ({ theme: '', name: () => '', file: () => '' }),
    clock,
    view: (limits) => ({ icon: 'idle', tooltip: limits === SHORT ? 'short' : 'long', menu: [] }),
    onAction: () => {},
    onOpened: () => {},
    onShown: (name) => log.push(`shown ${name}`),
    onMissing: (missing) => log.push(`missing ${missing}`),
    onTrouble: (name, why) => log.push(`trouble ${name}: ${why}`),
    ...more,
  });
}

const only = (word: string) => log.filter((line) => line.startsWith(word));

describe('the icon', () => {
  it('is shown by the first adapter that can', async () => {
    await icon().start();
    await settle();
    expect(log).toEqual(['open systray2', 'shown systray2', 'show short']);
  });

  it('is shown by the next where the first cannot run or fails', async () => {
    broken.add('systray2');
    await icon().start();
    await settle();
    expect(log).toEqual(['trouble systray2: no display', 'open sni', 'shown sni', 'show long']);
  });

  it('waits where no adapter can, with growing pauses', async () => {
    broken.add('systray2').add('sni unusable');
    const shown = icon();
    await shown.start();
    await settle();
    expect(only('trouble')).toHaveLength(2);
    await clock.pass(150);
    expect(only('trouble')).toHaveLength(2);
    await clock.pass(100);
    expect(only('trouble')).toHaveLength(4);
    await clock.pass(3_600_000);
    const tries = only('trouble').length / 2;
    expect(tries).toBeLessThan(140);
    broken.clear();
    await clock.pass(30_000);
    expect(log.at(-1)).toBe('show short');
    await shown.end();
    await clock.pass(100_000);
    expect(log.at(-1)).toBe('close systray2');
  });

  it('comes and goes with the panel, and is put up again for another one', async () => {
    bus.owner = undefined;
    await icon().start();
    await settle();
    expect(log).toEqual(['missing panel']);
    await bus.panel(':1.5');
    expect(only('shown')).toHaveLength(1);
    await bus.panel(':1.6');
    expect(only('close')).toHaveLength(1);
    expect(only('shown')).toHaveLength(2);
    await bus.panel(undefined);
    expect(log.slice(-2).sort()).toEqual(['close systray2', 'missing panel']);
  });

  it('is there once, where one panel follows the other while the icon is being taken down', async () => {
    const slow: (() => void)[] = [];
    const closing = new Promise<void>((resolve) => slow.push(resolve));
    const kind = adapter('systray2');
    const open: AdapterKind['open'] = async (options) => {
      const tray = await kind.open(options);
      const close = () => tray.close().then(() => closing);
      return { ...tray, close };
    };
    await icon({ adapters: () => [{ ...kind, open }] }).start();
    await settle();
    await bus.panel(':1.5');
    await bus.panel(':1.6');
    slow[0]?.();
    await settle();
    expect(only('open').length - only('close').length).toBe(1);
  });

  it('comes back when what shows it ends, sooner when that did well', async () => {
    await icon().start();
    await settle();
    for (const _ of [1, 2, 3]) {
      opened.at(-1)?.onEnd('killed');
      await clock.pass(5000);
    }
    expect(only('open')).toHaveLength(4);
    expect(only('trouble')).toHaveLength(3);
    await clock.pass(100_000);
    opened.at(-1)?.onEnd('killed');
    await clock.pass(250);
    expect(only('open')).toHaveLength(5);
    // One that was replaced has nothing to say any more.
    opened[0]?.onEnd('late');
    expect(only('trouble')).toHaveLength(4);
  });

  it('looks for the bus again when it is gone', async () => {
    let buses = 0;
    const shown = icon({
      openBus: async () => {
        buses += 1;
        if (buses === 2) throw new Error('none');
        bus = new FakeBus();
        return bus;
      },
    });
    await shown.start();
    await settle();
    bus.close();
    await settle();
    expect(log.at(-1)).toBe('close systray2');
    await clock.pass(300);
    expect(log.at(-1)).toBe('missing bus');
    await clock.pass(1000);
    expect(only('shown')).toHaveLength(2);
    await shown.end();
    expect(bus.closed).toBe(true);
  });

  it('is there once, where what shows it ends and the panel restarts right after', async () => {
    await icon().start();
    await settle();
    opened.at(-1)?.onEnd('killed');
    await bus.panel(undefined);
    await bus.panel(':1.7');
    await clock.pass(100_000);
    expect(only('open')).toHaveLength(2);
    expect(only('close')).toHaveLength(0);
  });

  it('is there once, on one bus, after two restarts at once, and one in the middle of its start', async () => {
    const buses: FakeBus[] = [];
    const waiting: (() => void)[] = [];
    const shown = icon({
      openBus: async () => {
        const made = new FakeBus();
        buses.push(made);
        await new Promise<void>((resolve) => waiting.push(resolve));
        return made;
      },
    });
    const letGo = async () => {
      for (const go of waiting.splice(0)) go();
      await settle();
    };
    const starting = shown.start();
    const early = shown.restart();
    await settle();
    await letGo();
    await Promise.all([starting, early]);
    expect(buses.filter(({ closed }) => !closed)).toHaveLength(1);
    const both = Promise.all([shown.restart(), shown.restart()]);
    await settle();
    await letGo();
    await both;
    await clock.pass(1000);
    expect(buses.filter(({ closed }) => !closed)).toHaveLength(1);
    expect(only('open').length - only('close').length).toBe(1);
    const left = buses.find(({ closed }) => !closed);
    // The one before has nothing to say any more.
    await buses[0]?.panel(undefined);
    expect(only('missing')).toEqual([]);
    await shown.end();
    expect(left?.closed).toBe(true);
    expect(only('open').length - only('close').length).toBe(0);
  });

  it('stays away when it is ended in the middle of a restart', async () => {
    const shown = icon();
    await shown.start();
    await settle();
    await Promise.all([shown.restart(), shown.end()]);
    await clock.pass(100_000);
    expect(only('open').length - only('close').length).toBe(0);
    expect(bus.closed).toBe(true);
  });

  it('needs no panel where icons have no bus', async () => {
    await icon({ openBus: undefined }).start();
    expect(only('shown')).toEqual(['shown systray2']);
  });
});
