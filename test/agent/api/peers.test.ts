import { describe, expect, it } from 'vitest';
import { type PeerDeps, peerHandlers } from '../../../src/agent/api/peers.ts';
import { Handovers } from '../../../src/agent/handovers.ts';
import { Catalogue } from '../../../src/catalogue/store.ts';
import { systemClock } from '../../../src/kernel/clock.ts';
import type { EventData } from '../../../src/protocol/api.ts';
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
    sessions: () => [],
    onChange: (listener: () => void) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  } as unknown as PeerDeps;
  return { handlers: peerHandlers(deps), told, catalogue, looked, listeners };
}

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
    for (const listener of listeners) listener();
    expect(sent.map(([event]) => event)).toEqual(['inventory']);
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
