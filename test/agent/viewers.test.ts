import { describe, expect, it } from 'vitest';
import { type RunningViewer, ViewerRegistry } from '../../src/agent/viewers.ts';
import { sleep } from '../../src/kernel/abort.ts';
import { silentLogger } from '../../src/kernel/log.ts';
import type { Viewer } from '../../src/model/viewer.ts';
import type { EventData } from '../../src/protocol/api.ts';
import { until } from '../rigs/until.ts';

const by = { hostId: 'H3', host: 'h3' };
const session = { backend: 'xpra', localId: '100' };
const event = (phase: EventData<'handover'>['phase']) => ({ ...session, by, phase });

function rig() {
  const taken: string[] = [];
  const registry = new ViewerRegistry({
    me: { hostId: 'ME', host: 'me' },
    log: silentLogger,
    folder: '/nonexistent',
    takeSeat: () => expect.unreachable(),
    launch: async () => expect.unreachable(),
    onChange: () => {},
    onTaken: (viewers, { by: who }) => void taken.push(`${viewers.map((v) => v.id).join()} by ${who.host}`),
  });
  const state = { reopened: 0, stopped: 0 };
  let exit: (how: string) => void = () => {};
  const running: RunningViewer = {
    pid: 1,
    shown: Promise.resolve(),
    exited: new Promise((resolve) => {
      exit = resolve;
    }),
    stop: async () => {
      state.stopped += 1;
      exit('stopped');
    },
  };
  const viewer: Viewer = {
    id: 'v1',
    ref: 'xpra:100@h2',
    hostKey: 'H2',
    ...session,
    seat: ':0',
    since: 0,
    state: 'shown',
  };
  registry.add(viewer, running, async () => {
    state.reopened += 1;
  });
  return { registry, state, taken, exit: (how: string) => exit(how) };
}

describe('ViewerRegistry in a handover', () => {
  it('says whose viewers were taken, once it is done, and not of those that were closed before', async () => {
    const { registry, taken } = rig();
    registry.onHandover('H2', event('begin'));
    expect(taken).toEqual([]);
    registry.onHandover('H2', event('done'));
    registry.onHandover('H2', event('done'));
    expect(taken).toEqual(['v1 by h3']);
    const other = rig();
    other.registry.onHandover('H2', event('begin'));
    await other.registry.close('v1');
    other.registry.onHandover('H2', event('done'));
    expect(other.taken).toEqual([]);
  });

  it('opens the session again when it was displaced for nothing, even if it ends late', async () => {
    const { registry, state, exit } = rig();
    registry.onHandover('H2', event('begin'));
    registry.onHandover('H2', event('failed'));
    setTimeout(() => exit('displaced'), 120);
    await until('it is opened again', () => state.reopened === 1);
    expect(state.stopped).toBe(0);
  });

  it('ends its viewer when the new one shows, and marks it as leaving at once', async () => {
    const { registry, state } = rig();
    registry.onHandover('H2', event('begin'));
    expect(registry.movingBy('H2', session)?.host).toBe('h3');
    registry.onHandover('H2', event('done'));
    expect(registry.all()[0]?.state).toBe('closing');
    await until('it has ended', () => registry.all().length === 0);
    expect(state).toEqual({ reopened: 0, stopped: 1 });
    expect(registry.movingBy('H2', session)).toBeUndefined();
  });

  it('does not bring back what the user closed meanwhile', async () => {
    const { registry, state } = rig();
    registry.onHandover('H2', event('begin'));
    await registry.close('v1');
    registry.onHandover('H2', event('failed'));
    await new Promise((resolve) => setTimeout(resolve, 150));
    expect(state.reopened).toBe(0);
  });

  it('leaves the sessions of other hosts alone', async () => {
    const { registry, state } = rig();
    registry.onHandover('H9', event('begin'));
    registry.onHandover('H9', event('done'));
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(state.stopped).toBe(0);
    expect(registry.of('H2', session)).toHaveLength(1);
  });
});

describe('ViewerRegistry', () => {
  it('tells of a viewer that opens when it takes long, and of one that shows at once', async () => {
    const told: string[] = [];
    const registry = new ViewerRegistry({
      ...{ me: { hostId: 'ME', host: 'me' }, log: silentLogger, folder: '/nonexistent' },
      takeSeat: () => expect.unreachable(),
      launch: async () => expect.unreachable(),
      onChange: (all) => void told.push(all.map(({ id, state }) => `${id} ${state}`).join()),
      onTaken: () => {},
    });
    const running: RunningViewer = {
      ...{ pid: 1, shown: Promise.resolve(), exited: new Promise(() => {}) },
      stop: async () => {},
    };
    const opens = (id: string): Viewer => ({
      ...{ id, ref: 'xpra:100@h2', hostKey: 'H2', ...session, seat: ':0', since: 0 },
      state: 'opening',
    });
    registry.add(opens('quick'), running, async () => {});
    expect(told).toEqual([]);
    registry.shown('quick');
    expect(told).toEqual(['quick shown']);
    registry.add(opens('slow'), running, async () => {});
    await until('it is told', () => told.length === 2);
    expect(told[1]).toBe('quick shown,slow opening');
    await sleep(200);
    expect(told).toHaveLength(2);
  });
});
