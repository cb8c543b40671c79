import { describe, expect, it } from 'vitest';
import { Inventory } from '../../src/agent/inventory.ts';
import { sleep } from '../../src/kernel/abort.ts';
import { silentLogger } from '../../src/kernel/log.ts';
import type { Session } from '../../src/model/session.ts';
import type { Backend, Detected } from '../../src/profiles/backend.ts';
import { until } from '../rigs/until.ts';

const session = (backend: string, localId: string): Session => ({
  backend,
  localId,
  name: localId,
  kind: 'app',
  watchers: [],
  state: 'live',
});

function backend(name: string, list: () => Promise<Session[]>, present = true): Backend {
  return { profile: { name }, detect: async () => ({ present, version: '1' }), list } as unknown as Backend;
}

async function found(asked: Backend): Promise<[string, Detected]> {
  return [asked.profile.name, await asked.detect()];
}

function rig(backends: readonly Backend[], { detectEveryMs = 0 } = {}) {
  const watched = new Map<string, () => void>();
  let changes = 0;
  const gone: string[] = [];
  const state = { isHandingOver: false };
  const inventory = new Inventory({
    log: silentLogger,
    backends: () => backends,
    detectEveryMs,
    soonMs: 5,
    handoverMs: 200,
    isHandingOver: () => state.isHandingOver,
    detect: async (asked) => new Map(await Promise.all(asked.map(found))),
    watch: (b, onChange) => {
      watched.set(b.profile.name, onChange);
      return { stop: () => watched.delete(b.profile.name) };
    },
    onChange: () => {
      changes += 1;
    },
    onGone: (b, sessions) => gone.push(...sessions.map(({ localId }) => `${b.profile.name}:${localId}`)),
  });
  return { gone, inventory, state, watched, changes: () => changes };
}

describe('Inventory', () => {
  it('lists the others when one backend fails, and keeps what it last said', async () => {
    let fails = false;
    const flaky = backend('xpra', async () => {
      if (fails) throw new Error('wedged');
      return [session('xpra', '1')];
    });
    const { inventory } = rig([flaky, backend('tmux', async () => [session('tmux', '0')])]);
    await inventory.start();
    fails = true;
    await inventory.refresh();
    expect(inventory.sessions().map((s) => s.backend)).toEqual(['xpra', 'tmux']);
    expect(inventory.versions()).toEqual({ xpra: '1', tmux: '1' });
  });

  it('lists once more, and only once, for any number of changes during a listing', async () => {
    let running = 0;
    let most = 0;
    let total = 0;
    const slow = backend('tmux', async () => {
      running += 1;
      total += 1;
      most = Math.max(most, running);
      await new Promise((resolve) => setTimeout(resolve, 20));
      running -= 1;
      return [];
    });
    const { inventory, watched } = rig([slow]);
    await inventory.start();
    total = 0;
    for (let n = 0; n < 10; n += 1) watched.get('tmux')?.();
    await inventory.refresh();
    expect([most, total]).toEqual([1, 2]);
  });

  it('tells of changes only, and of none after its end', async () => {
    let list = [session('tmux', '0')];
    const { inventory, watched, changes } = rig([backend('tmux', async () => list)]);
    await inventory.start();
    const before = changes();
    await inventory.refresh();
    expect(changes()).toBe(before);
    list = [];
    await inventory.refresh();
    expect(changes()).toBe(before + 1);
    inventory.stop();
    expect(watched.size).toBe(0);
  });

  it('lists profiles that extend one another once, and hands a new session to whoever lists it', async () => {
    let lists = 0;
    const list = async () => {
      lists += 1;
      return [session('xpra', '1'), session('xpra-desktop', '2')];
    };
    const base = backend('xpra', list);
    const child = backend('xpra-desktop', list);
    Object.assign(child.profile, { extends: 'xpra' });
    const { inventory, watched } = rig([child, base]);
    await inventory.start();
    expect([lists, [...watched.keys()]]).toEqual([1, ['xpra']]);
    expect(inventory.versions()).toEqual({ 'xpra-desktop': '1', xpra: '1' });
    inventory.add(session('xpra-desktop', '3'));
    expect(inventory.sessions().map((s) => s.localId)).toEqual(['1', '2', '3']);
  });

  it('lists after a handover what changes in it, once, and before its end where that does not come', async () => {
    let lists = 0;
    const list = async () => {
      lists += 1;
      return [];
    };
    const { inventory, state, watched } = rig([backend('vnc', list)]);
    await inventory.start();
    lists = 0;
    state.isHandingOver = true;
    inventory.soon(new Set(['vnc']));
    watched.get('vnc')?.();
    await sleep(50);
    expect(lists).toBe(0);
    // Whoever asks is told what there is.
    await inventory.freshen(60_000);
    expect(lists).toBe(1);
    watched.get('vnc')?.();
    state.isHandingOver = false;
    await until('it is listed', () => lists > 1);
    await sleep(30);
    expect(lists).toBe(2);
    state.isHandingOver = true;
    watched.get('vnc')?.();
    await until('it is listed all the same', () => lists === 3);
  });

  it('lists in a moment what it is told to, once, and nothing else', async () => {
    const lists: string[] = [];
    const all = ['xpra', 'tmux', 'vnc'].map((name) =>
      backend(name, async () => {
        lists.push(name);
        return [];
      }),
    );
    const { inventory } = rig(all);
    await inventory.start();
    lists.length = 0;
    inventory.soon(new Set(['tmux', 'gone']));
    inventory.soon(new Set(['tmux']));
    inventory.soon(new Set(['vnc']));
    expect(lists).toEqual([]);
    await until('both were listed', () => lists.length >= 2);
    expect(lists).toEqual(['tmux', 'vnc']);
    inventory.soon(new Set(['tmux']));
    await until('it is listed again', () => lists.length === 3);
    // Who asks meanwhile does not get what was true before.
    await inventory.refresh();
    lists.length = 0;
    inventory.soon(new Set(['vnc']));
    await inventory.freshen(60_000);
    expect(lists).toEqual(['vnc']);
  });

  it('leaves out a backend that is not there, and finds it later', async () => {
    const there = { now: false };
    const late = {
      ...backend('xpra', async () => []),
      detect: async () => ({ present: there.now, version: '3' }),
    };
    const { inventory } = rig([late as Backend]);
    await inventory.start();
    expect(inventory.versions()).toEqual({});
    there.now = true;
    await inventory.refresh();
    expect(inventory.versions()).toEqual({ xpra: '3' });
  });

  it('lists by a profile that the user has changed as it says now, and by one that came at once', async () => {
    const of = (name: string, id: string) => backend(name, async () => [session(name, id)]);
    const all = [of('mine', 'before'), of('tmux', '0')];
    const { inventory, watched, changes } = rig(all, { detectEveryMs: 60_000 });
    const ids = () => inventory.sessions().map(({ localId }) => localId);
    await inventory.start();
    const watch = watched.get('tmux');
    all.splice(0, 1, of('mine', 'after'), of('new', '1'));
    await inventory.refresh();
    expect(ids().sort()).toEqual(['0', '1', 'after']);
    expect(watched.get('tmux')).toBe(watch);
    all.splice(0, 1);
    const before = changes();
    await inventory.refresh();
    expect(changes()).toBeGreaterThan(before);
    expect(ids().sort()).toEqual(['0', '1']);
    expect(inventory.versions()).toEqual({ tmux: '1', new: '1' });
    expect([...watched.keys()].sort()).toEqual(['new', 'tmux']);
  });
});
