import { Duplex } from 'node:stream';
import { describe, expect, it, vi } from 'vitest';
import { HostLink, type LinkDeps } from '../../src/agent/link.ts';
import type { RemoteMachine } from '../../src/agent/reach.ts';
import { ASLEEP_MS } from '../../src/catalogue/asleep.ts';
import type { Answer } from '../../src/catalogue/reduce.ts';
import { HotdeskError } from '../../src/kernel/errors.ts';
import { hostIdOf } from '../../src/kernel/ids.ts';
import { silentLogger } from '../../src/kernel/log.ts';
import type { Host } from '../../src/model/host.ts';
import type { Session } from '../../src/model/session.ts';
import { until } from '../rigs/until.ts';
import { fakePeer, INVENTORY } from './fake-peer.ts';

const host: Host = {
  key: 'name:a',
  name: 'a',
  addresses: [],
  finders: ['manual'],
  state: 'found',
  adverts: [],
};
const MACHINE = '0123456789abcdef0123456789abcdef';

class Clock {
  time = 1000;
  timers: { at: number; fn: () => void }[] = [];
  now = () => this.time;
  after = (ms: number, fn: () => void) => {
    const timer = { at: this.time + ms, fn };
    this.timers.push(timer);
    return () => {
      this.timers = this.timers.filter((t) => t !== timer);
    };
  };
  async pass(ms: number): Promise<void> {
    this.time += ms;
    const due = this.timers.filter((t) => t.at <= this.time);
    this.timers = this.timers.filter((t) => t.at > this.time);
    for (const timer of due) timer.fn();
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

function rig(part: Partial<LinkDeps> = {}) {
  const clock = new Clock();
  const answers: Answer[] = [];
  const closers: ((error: Error | undefined) => void)[] = [];
  const state = { dials: 0, closed: 0, trouble: 0, isDown: false };
  const machine = {
    name: 'a',
    isLocal: false,
    exec: async () => ({
      code: 0,
      signal: undefined,
      stdout: Buffer.from(`host=a\nmachine=${MACHINE}\n`),
      stderr: Buffer.alloc(0),
    }),
    open: async () => new Duplex(),
    onClose: (listener: (error: Error | undefined) => void) => void closers.push(listener),
    letGo: () => {
      state.closed += 1;
    },
  } satisfies RemoteMachine;
  const link = new HostLink({
    me: { hostId: 'me', host: 'me' },
    clock,
    log: silentLogger,
    host: () => host,
    dial: async () => {
      state.dials += 1;
      if (state.isDown) throw new HotdeskError('host-unreachable', 'no route');
      return machine;
    },
    survey: async () => ({ sessions: [], backends: { tmux: '3' } }),
    surveyOwn: async () => ({ sessions: [], backends: {} }),
    onAnswer: (answer) => void answers.push(answer),
    onTrouble: () => {
      state.trouble += 1;
    },
    onHandover: () => {},
    onStopping: () => {},
    onEnded: () => {},
    onPeerLost: () => {},
    viewers: () => [],
    idleMs: 60_000,
    ...part,
  });
  return { link, clock, answers, state, lose: () => closers.splice(0).map((c) => c(undefined)) };
}

describe('HostLink', () => {
  it('is made once for all who ask at once', async () => {
    const { link, state, answers } = rig();
    await Promise.all([link.connect(), link.connect(), link.connect()]);
    expect(state.dials).toBe(1);
    expect(answers.map((a) => a.state)).toEqual(['connecting', 'agentless']);
    expect(answers.at(-1)?.backends).toEqual({ tmux: '3' });
  });

  it('keeps what was just started through answers that are older, and not through later ones', async () => {
    const listings: ((sessions: Session[]) => void)[] = [];
    const survey = () =>
      new Promise<{ sessions: Session[]; backends: Record<string, string> }>((resolve) => {
        listings.push((sessions) => resolve({ sessions, backends: {} }));
      });
    const { link, answers } = rig({ survey });
    const names = () => answers.at(-1)?.sessions.map((session) => session.name);
    const connecting = link.connect();
    await until('the first listing', () => listings.length === 1);
    listings[0]?.([]);
    await connecting;
    const early = link.refresh(AbortSignal.timeout(1000));
    await until('a listing under way', () => listings.length === 2);
    const { kind, state, watchers } = { kind: 'terminal', state: 'live', watchers: [] } as const;
    link.add({ backend: 'tmux', localId: '1', name: 'new', kind, state, watchers: [...watchers] });
    listings[1]?.([]);
    await early;
    expect(names()).toEqual(['new']);
    const late = link.refresh(AbortSignal.timeout(1000));
    await until('a listing after it', () => listings.length === 3);
    listings[2]?.([]);
    await late;
    expect(names()).toEqual([]);
  });

  it('marks a lost host at once, tells the finders, and tries again while somebody is interested', async () => {
    const { link, clock, answers, state, lose } = rig();
    await link.connect();
    lose();
    expect(answers.at(-1)).toMatchObject({ state: 'unreachable', problem: { code: 'connection-lost' } });
    expect(state.trouble).toBeGreaterThan(0);
    await clock.pass(1000);
    expect(state.dials).toBe(2);
    expect(link.state).toBe('agentless');
  });

  it('waits for no agent that hangs, and takes what that lists when it comes', async () => {
    let hangs = false;
    const peer = fakePeer((method) => {
      if (hangs) return undefined;
      return method === 'inventory.subscribe' ? INVENTORY : {};
    });
    const { link, answers } = rig({
      dial: async () => ({
        ...{ name: 'a', isLocal: false, onClose: () => {}, letGo: () => {} },
        exec: async () => ({
          ...{ code: 0, signal: undefined, stderr: Buffer.alloc(0) },
          stdout: Buffer.from(`host=a\nmachine=${MACHINE}\nsocket=/run/agent.sock\n`),
        }),
        open: async () => peer.stream,
      }),
    });
    await link.connect();
    hangs = true;
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    try {
      const refused = expect(link.refresh(new AbortController().signal)).rejects.toMatchObject({
        code: 'timeout',
        message: expect.stringContaining('agent on a'),
      });
      await vi.advanceTimersByTimeAsync(5000);
      await refused;
    } finally {
      vi.useRealTimers();
    }
    peer.answer('inventory', { ...INVENTORY, backends: { xpra: '4' } });
    await until('it is taken', () => answers.at(-1)?.backends?.xpra === '4');
    link.end();
  });

  it('lists what its agent has no profile for besides, whatever that agent says', async () => {
    const one = { kind: 'terminal', state: 'live', watchers: [] } as const;
    const own: Session = { ...one, backend: 'mine', localId: '1', name: 'far', watchers: [] };
    const told: Session = { ...one, backend: 'tmux', localId: '0', name: 'else', watchers: [] };
    const peer = fakePeer((method) => (method.startsWith('inventory') ? INVENTORY : {}));
    const asked: unknown[] = [];
    let list = [own];
    const { link, answers, clock } = rig({
      surveyOwn: async (_machine, known) => {
        asked.push(known);
        return { sessions: list, backends: { mine: '1' } };
      },
      dial: async () => ({
        ...{ name: 'a', isLocal: false, onClose: () => {}, letGo: () => {} },
        exec: async () => ({
          ...{ code: 0, signal: undefined, stderr: Buffer.alloc(0) },
          stdout: Buffer.from(`host=a\nmachine=${MACHINE}\nsocket=/run/agent.sock\n`),
        }),
        open: async () => peer.stream,
      }),
    });
    const names = () => answers.at(-1)?.sessions.map(({ name }) => name);
    await link.connect();
    expect(names()).toEqual(['far']);
    peer.tell('inventory', { ...INVENTORY, backends: { tmux: '3' }, sessions: [told] });
    await until('it is heard', () => names()?.includes('else') ?? false);
    expect(names()).toEqual(['else', 'far']);
    expect(answers.at(-1)?.backends).toEqual({ mine: '1', tmux: '3' });
    // Its agent has not noticed yet what was started there from here.
    link.add({ ...told, localId: '1', name: 'new' });
    list = [];
    await clock.pass(4000);
    expect(names()).toEqual(['else', 'new']);
    expect(asked).toEqual([{}, { tmux: '3' }]);
    list = [own];
    await link.refresh(AbortSignal.timeout(1000));
    expect(names()).toEqual(['far']);
    link.end();
  });

  it.each(['while it is met', 'later'])('is driven without its agent, which has ended %s', async (when) => {
    const peer = fakePeer((method) => (method === 'inventory.subscribe' ? INVENTORY : {}));
    const lost: string[] = [];
    const { link, answers } = rig({
      onPeerLost: () => void lost.push('lost'),
      viewers: () => {
        // It is asked for what it is to be told after its first answer.
        if (when === 'while it is met') peer.stream.emit('close');
        return [];
      },
      dial: async () => ({
        ...{ name: 'a', isLocal: false, onClose: () => {}, letGo: () => {} },
        exec: async () => ({
          ...{ code: 0, signal: undefined, stderr: Buffer.alloc(0) },
          stdout: Buffer.from(`host=a\nmachine=${MACHINE}\nsocket=/run/agent.sock\n`),
        }),
        open: async () => peer.stream,
      }),
    });
    await link.connect();
    if (when === 'later') peer.end();
    await until('it is driven without', () => answers.at(-1)?.state === 'agentless');
    expect(answers.map(({ state }) => state)).toContain('agent');
    expect(link.peer).toBeUndefined();
    expect(lost).toEqual(['lost']);
  });

  describe('when its agent ends', () => {
    type Survey = Awaited<ReturnType<LinkDeps['survey']>>;
    const LISTED: Survey = { sessions: [], backends: {} };

    /** A host whose agent ends when told and may be started again; its listings are the test's to end. */
    function restarted(part: Partial<LinkDeps> = {}, onAnnounce: () => void = () => {}) {
      const started = () =>
        fakePeer((method) => {
          if (method === 'viewers.announce') onAnnounce();
          return method === 'inventory.subscribe' ? INVENTORY : {};
        });
      let peer = started();
      const state = { closed: 0, isUp: true };
      const letGo = () => {
        state.closed += 1;
      };
      const surveys: { resolve: (survey: Survey) => void; reject: (error: Error) => void }[] = [];
      const greeting = () => (state.isUp ? 'socket=/run/agent.sock\n' : '');
      const made = rig({
        survey: () => new Promise((resolve, reject) => surveys.push({ resolve, reject })),
        dial: async () => ({
          ...{ name: 'a', isLocal: false, onClose: () => {}, letGo },
          exec: async () => ({
            ...{ code: 0, signal: undefined, stderr: Buffer.alloc(0) },
            stdout: Buffer.from(`host=a\nmachine=${MACHINE}\n${greeting()}`),
          }),
          open: async () => peer.stream,
        }),
        ...part,
      });
      return {
        ...made,
        ...{ state, surveys },
        async kill() {
          state.isUp = false;
          peer.end();
          await until('it is listed without', () => surveys.length === 1);
        },
        revive() {
          peer = started();
          state.isUp = true;
        },
      };
    }

    it('tells an agent who looks at its sessions where that is news to it, and the next agent anew', async () => {
      let announced = 0;
      let viewerIds = ['v'];
      const viewers = () => viewerIds.map((viewerId) => ({ viewerId, backend: 'xpra', localId: '1' }));
      const { link, clock, kill, revive } = restarted({ viewers }, () => {
        announced += 1;
      });
      await link.connect();
      await link.announce();
      const met = announced;
      await link.announce();
      expect(announced).toBe(met);
      await link.announce('pulse');
      expect(announced).toBe(met + 1);
      viewerIds = [];
      await link.announce();
      await link.announce();
      expect(announced).toBe(met + 2);
      await kill();
      revive();
      await Promise.all([link.agent(), clock.pass(0)]);
      await link.announce();
      expect(announced).toBe(met + 3);
    });

    it('believes the agent that came, not the listing that was under way', async () => {
      const { link, clock, surveys, kill, revive } = restarted();
      await link.connect();
      await kill();
      revive();
      await clock.pass(4000);
      await until('the agent is met', () => link.peer !== undefined);
      surveys[0]?.resolve(LISTED);
      await clock.pass(0);
      expect(link.state).toBe('agent');
    });

    it('believes the agent also while that is only being told who looks at its sessions', async () => {
      const viewers = () => [{ viewerId: 'v', backend: 'xpra', localId: '1' }];
      const made = restarted({ viewers }, () => made.surveys[0]?.resolve(LISTED));
      const { link, clock, kill, revive } = made;
      await link.connect();
      await kill();
      revive();
      await Promise.all([link.agent(), clock.pass(0)]);
      expect(link.peer).toBeDefined();
      expect(link.state).toBe('agent');
    });

    it('keeps the connection, through which viewers may be seen, where the listing fails', async () => {
      const { link, clock, state, surveys, kill, revive } = restarted();
      await link.connect();
      await kill();
      surveys[0]?.reject(new HotdeskError('timeout', 'too slow'));
      await clock.pass(4000);
      expect(state.closed).toBe(0);
      await until('it is listed again', () => surveys.length === 2);
      revive();
      surveys[1]?.resolve(LISTED);
      await until('it is driven without', () => link.state === 'agentless');
      await clock.pass(4000);
      await until('the agent is met', () => link.peer !== undefined);
      expect(link.state).toBe('agent');
    });
  });

  it('leaves a host that does not trust us alone, unless the user asks', async () => {
    let dials = 0;
    const { link, clock, answers } = rig({
      dial: async () => {
        dials += 1;
        throw new HotdeskError('host-key-unknown', 'who is it?', { hint: 'hotdesk trust a' });
      },
    });
    await expect(link.connect()).rejects.toMatchObject({ code: 'host-key-unknown' });
    expect(answers.at(-1)).toMatchObject({ state: 'untrusted', problem: { hint: 'hotdesk trust a' } });
    link.want();
    await clock.pass(10_000);
    expect(dials).toBe(1);
    await expect(link.connect()).rejects.toThrow();
    expect(dials).toBe(2);
  });

  it.each(['fails', 'comes'])(
    'tries a lost host again although a listing of before %s later',
    async (how) => {
      const surveys: (() => void)[] = [];
      const survey = () =>
        new Promise<Awaited<ReturnType<LinkDeps['survey']>>>((resolve, reject) => {
          const listed = { sessions: [], backends: {} };
          if (how === 'comes' || surveys.length === 0) surveys.push(() => resolve(listed));
          else surveys.push(() => reject(new HotdeskError('connection-lost', 'gone')));
        });
      const { link, clock, state, lose } = rig({ survey });
      const connecting = link.connect();
      await until('it is listed', () => surveys.length === 1);
      surveys[0]?.();
      await connecting;
      await clock.pass(4000);
      await until('it is listed again', () => surveys.length === 2);
      lose();
      surveys[1]?.();
      await clock.pass(0);
      expect(link.state).toBe('unreachable');
      await clock.pass(1000);
      expect(state.dials).toBe(2);
    },
  );

  it('keeps no connection that comes about when it has been let go', async () => {
    let dialled: () => void = () => {};
    const waiting = new Promise<void>((resolve) => {
      dialled = resolve;
    });
    const made = rig({ survey: () => waiting.then(() => ({ sessions: [], backends: {} })) });
    const connecting = made.link.connect();
    await made.clock.pass(0);
    made.link.end();
    dialled();
    await expect(connecting).rejects.toMatchObject({ code: 'unknown-host' });
    expect(made.state.closed).toBe(1);
  });

  it('lets go of a host that nobody asked for in a while', async () => {
    const { link, clock, state } = rig();
    await link.connect();
    await clock.pass(4000);
    expect(state.closed).toBe(0);
    await clock.pass(61_000);
    expect(state.closed).toBe(1);
  });
});

describe('a host that goes to sleep', () => {
  const advert = (revision: number, asleep?: boolean) => ({
    ...{ hostId: hostIdOf(MACHINE), agentId: 'x', revision, sessions: [] },
    ...(asleep ? { asleep } : {}),
  });
  const session: Session = {
    ...{ backend: 'tmux', localId: '1', name: 'build', kind: 'terminal', watchers: [], state: 'live' },
  };

  function sleeper() {
    const row: { -readonly [K in keyof Host]: Host[K] } = { ...host };
    const survey = async () => ({ sessions: [session], backends: {} });
    const made = rig({ host: () => row, survey });
    const fail = (isDown: boolean) => {
      made.state.isDown = isDown;
    };
    return { ...made, row, fail };
  }

  it('keeps what runs there, marked, and is not unreachable; when it is heard of again it is asked at once', async () => {
    const { link, clock, answers, state, lose, row, fail } = sleeper();
    await link.connect();
    row.adverts = [advert(5, true)];
    fail(true);
    lose();
    expect(answers.at(-1)).toMatchObject({
      state: 'asleep',
      sessions: [{ ...session, stale: true }],
      problem: { code: 'host-unreachable', message: 'a is asleep.' },
    });
    await clock.pass(1000);
    expect(answers.at(-1)?.state).toBe('asleep');
    await expect(link.connect()).rejects.toMatchObject({ message: 'a is asleep.' });
    const dials = state.dials;
    link.want();
    expect(state.dials).toBe(dials);
    row.adverts = [advert(6)];
    fail(false);
    link.want();
    await clock.pass(0);
    expect(answers.at(-1)).toMatchObject({ state: 'agentless', sessions: [session] });
  });

  it('is unreachable when it was heard of again and does not answer, or after too long', async () => {
    const { link, clock, answers, lose, row, fail } = sleeper();
    await link.connect();
    row.adverts = [advert(5, true)];
    fail(true);
    lose();
    row.adverts = [advert(6)];
    await clock.pass(1000);
    expect(answers.at(-1)).toMatchObject({ state: 'unreachable', sessions: [] });
    row.adverts = [advert(7, true)];
    fail(false);
    await clock.pass(30_000);
    expect(answers.at(-1)?.state).toBe('agentless');
    fail(true);
    lose();
    expect(answers.at(-1)?.state).toBe('asleep');
    row.adverts = [];
    await clock.pass(ASLEEP_MS);
    expect(answers.at(-1)).toMatchObject({ state: 'unreachable', sessions: [] });
  });
});
