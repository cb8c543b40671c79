import { describe, expect, it } from 'vitest';
import { type PeerDeps, peerHandlers } from '../../../src/agent/api/peers.ts';
import type { Asking } from '../../../src/agent/context.ts';
import { Handovers } from '../../../src/agent/handovers.ts';
import { SeatEvents } from '../../../src/agent/seat-events.ts';
import { Catalogue } from '../../../src/catalogue/store.ts';
import { systemClock } from '../../../src/kernel/clock.ts';
import { HotdeskError } from '../../../src/kernel/errors.ts';
import type { EventData, Params } from '../../../src/protocol/api.ts';
import type { PromptRequest } from '../../../src/ssh/ssh.ts';
import { fakes, HOST, sessionOf } from '../../actions/fake-context.ts';
import { fakeCall } from './call.ts';

const at = { backend: 'xpra', localId: '100' };
const by = { hostId: 'P', host: 'pe\u{202e}er' };

function rig() {
  const handovers = new Handovers(systemClock);
  const told: EventData<'handover'>[] = [];
  handovers.join({ watches: () => true, tell: (event) => void told.push(event) });
  const catalogue = new Catalogue(
    { hostId: 'ME', name: 'me', version: '1', sessions: [], backends: {} },
    systemClock,
  );
  const looked: string[] = [];
  const listeners = new Set<() => void>();
  const deps = {
    handovers,
    catalogue,
    context: {
      me: { hostId: 'ME', host: 'me' },
      rows: () => catalogue.snapshot(),
      host: (name: string) => catalogue.snapshot().hosts.find((each) => each.name === name),
      refresh: async (host: { name: string }) => void looked.push(host.name),
    },
    inventory: {
      versions: () => ({ xpra: '3' }),
      refresh: async () => void looked.push('here'),
      freshen: async () => {},
    },
    seats: { all: () => [{ id: ':0' }], pick: async () => ({ id: ':0' }) },
    seatEvents: new SeatEvents(),
    sessions: () => [],
    isAsleep: () => asleep,
    onChange: (listener: () => void) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  } as unknown as PeerDeps;
  return { handlers: peerHandlers(deps), told, catalogue, looked, listeners };
}

/** Is the machine of the rig about to sleep? */
let asleep = false;

describe('handover', () => {
  it('is told as begun and as ended, with a name that is safe to show', async () => {
    const { handlers, told } = rig();
    const { call } = fakeCall();
    const { token } = await handlers['handover.begin']({ ...at, by }, call);
    await handlers['handover.end']({ token, ok: true }, call);
    expect(told).toHaveLength(2);
    expect(told[0]).toMatchObject({ ...at, by: { hostId: 'P', host: 'pe er' } });
  });

  it('has failed when the connection of the mover ends, and only if it was still open', async () => {
    const { handlers, told } = rig();
    const lost = fakeCall();
    await handlers['handover.begin']({ ...at, by }, lost.call);
    await expect(async () =>
      handlers['handover.begin']({ ...at, by }, fakeCall().call),
    ).rejects.toMatchObject({
      code: 'session-busy',
    });
    lost.close();
    expect(told.at(-1)).toMatchObject({ phase: 'failed' });
    const done = fakeCall();
    const { token } = await handlers['handover.begin']({ ...at, by }, done.call);
    await handlers['handover.end']({ token, ok: true }, done.call);
    const count = told.length;
    done.close();
    expect(told).toHaveLength(count);
  });
});

describe('inventory.subscribe', () => {
  it('tells each change, until the connection ends', async () => {
    const { handlers, listeners } = rig();
    const { call, sent, close } = fakeCall();
    expect(await handlers['inventory.subscribe']({}, call)).toMatchObject({
      hostId: 'ME',
      backends: { xpra: '3' },
      seats: [':0'],
    });
    asleep = true;
    for (const listener of listeners) listener();
    asleep = false;
    expect(sent).toEqual([['inventory', expect.objectContaining({ asleep: true })]]);
    for (const listener of listeners) listener();
    expect(sent).toHaveLength(2);
    // What changed is nothing of this host.
    for (const listener of listeners) listener();
    expect(sent).toHaveLength(2);
    close();
    expect(listeners.size).toBe(0);
  });
});

describe('seat.open', () => {
  it('looks at a host that nobody found here, where the peer says that it is', async () => {
    const { handlers, catalogue, looked } = rig();
    const host = { hostId: 'Q', name: 'be\u{7}ta', hostName: 'beta.local', addresses: [] };
    const asked = handlers['seat.open']({ ...at, host, by, options: {}, reason: 'send' }, fakeCall().call);
    await expect(asked).rejects.toMatchObject({ code: 'session-gone' });
    expect(looked).toEqual(['be ta']);
    expect(catalogue.snapshot().hosts.map((each) => each.name)).toContain('be ta');
  });
});

describe('a session that a peer opens here', () => {
  const session = sessionOf({ watchers: [{ hostId: 'C' }] });
  const params = {
    ...at,
    host: { hostId: 'A', name: 'alpha', addresses: [] },
    options: {},
    by,
    reason: 'send' as const,
  };

  function opening() {
    const fake = fakes();
    const opened: unknown[][] = [];
    const asked: unknown[] = [];
    const rows = { hosts: [HOST, { ...HOST, key: 'C', hostId: 'C', name: 'gamma' }], sessions: [session] };
    const context = Object.assign(fake.context, {
      rows: () => rows,
      session: async () => session,
      claim: async (_session: unknown, _signal: unknown, who: unknown) => {
        asked.push(who);
        return { end: async () => {} };
      },
    });
    const deps = {
      context,
      handovers: {},
      seats: { pick: async () => ({ id: ':0' }) },
      seatEvents: { opened: (...event: unknown[]) => void opened.push(event) },
    } as unknown as PeerDeps;
    return { handlers: peerHandlers(deps), fake, opened, asked };
  }

  it('opens it for the peer, and tells the seat who did so and where it was shown', async () => {
    const { handlers, opened, asked } = opening();
    await handlers['seat.open'](params, fakeCall().call);
    expect(asked).toEqual([{ hostId: 'P', host: 'pe er' }]);
    expect(opened).toEqual([[session, ':0', by, 'gamma']]);
  });

  it('is opened with the password that came with the request, for that user alone', async () => {
    const { handlers, fake } = opening();
    let as: Asking | undefined;
    const context = fake.context as unknown as { asking: (asking: Asking) => unknown };
    context.asking = (asking) => {
      as = asking;
      return fake.context;
    };
    fake.context.withPassword = async (_backend, _host, inner, _report, use) => {
      const ask = { user: 'me', prompts: [] } as unknown as PromptRequest;
      const answers = await as?.elsewhere?.ask(ask, inner);
      if (!answers) throw new HotdeskError('auth-failed', 'nobody answered');
      return use(answers[0]);
    };
    const open = (part: Partial<Params<'seat.open'>>) =>
      handlers['seat.open']({ ...params, ...part }, fakeCall().call);
    expect(await open({ mayAsk: true })).toEqual({ session, wantsPassword: { user: 'me' } });
    await expect(open({})).rejects.toMatchObject({ code: 'auth-failed' });
    await expect(open({ account: { user: 'root', password: 'sesame' } })).rejects.toMatchObject({
      code: 'auth-failed',
    });
    // Nothing was taken from anybody by then, and SSH gets to ask nobody.
    expect(new Set(fake.log)).toEqual(new Set(['refresh']));
    expect(as?.prompter).toBeUndefined();
    await open({ account: { user: 'me', password: 'sesame' } });
    expect(fake.requests.map(({ password }) => password)).toEqual(['sesame']);
  });

  it('is no news where it fails, puts something back, or is shown already', async () => {
    const { handlers, fake, opened } = opening();
    await handlers['seat.open']({ ...params, reason: 'return' }, fakeCall().call);
    // The viewer of the one before is still there.
    await handlers['seat.open'](params, fakeCall().call);
    expect(opened).toEqual([]);
    const other = opening();
    other.fake.openError = new HotdeskError('viewer-missing', 'no xpra here');
    await expect(other.handlers['seat.open'](params, fakeCall().call)).rejects.toMatchObject({
      code: 'viewer-missing',
    });
    expect([...opened, ...other.opened]).toEqual([]);
    expect(fake.requests.length).toBeGreaterThan(0);
  });
});

describe('session.stopping', () => {
  it('reaches the views here and the agents that watch this host, for a session that is here', async () => {
    const fake = fakes();
    const seatEvents = new SeatEvents();
    const views: string[] = [];
    seatEvents.on(({ what, ref, by: who }) => void views.push(`${what} ${ref} by ${who.host}`));
    const own = sessionOf({ hostKey: 'ME', host: 'me', ref: 'xpra:100@me' });
    const context = Object.assign(fake.context, { rows: () => ({ hosts: [], sessions: [own] }) });
    const deps = {
      ...{ context, seatEvents, handovers: {}, seats: { all: () => [] }, sessions: () => [] },
      ...{ isAsleep: () => false },
      ...{ inventory: { versions: () => ({}), freshen: async () => {} }, onChange: () => () => {} },
    } as unknown as PeerDeps;
    const handlers = peerHandlers(deps);
    const watching = fakeCall();
    await handlers['inventory.subscribe']({}, watching.call);
    await handlers['session.stopping']({ ...at, by }, fakeCall().call);
    await handlers['session.stopping']({ ...at, localId: '999', by }, fakeCall().call);
    expect(views).toEqual(['stopped xpra:100@me by pe er']);
    expect(watching.sent).toEqual([['stopping', { ...at, by: { hostId: 'P', host: 'pe er' } }]]);
    watching.close();
    await handlers['session.stopping']({ ...at, by }, fakeCall().call);
    expect(watching.sent).toHaveLength(1);
  });
});
