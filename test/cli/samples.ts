import type { Host } from '../../src/model/host.ts';
import type { HostSession } from '../../src/model/session.ts';
import type { Snapshot } from '../../src/protocol/api.ts';

export function host(name: string, more: Partial<Host> = {}): Host {
  return { key: `k-${name}`, name, addresses: [], finders: ['mdns'], state: 'agent', adverts: [], ...more };
}

export function session(name: string, on: string, more: Partial<HostSession> = {}): HostSession {
  const { backend = 'xpra', localId = '100' } = more;
  return {
    ...{ backend, localId, name, host: on, hostKey: `k-${on}`, ref: `${backend}:${localId}@${on}` },
    ...{ kind: 'app', watchers: [], state: 'live', ...more },
  };
}

/** Three hosts, `here` being this one; a session on alpha shown here, one on gamma shown nowhere. */
export function sample(more: Partial<Snapshot> = {}): Snapshot {
  return {
    self: 'k-here',
    hosts: [
      host('here', { state: 'local', hostId: 'id-here', finders: ['self'] }),
      host('alpha'),
      host('gamma'),
    ],
    sessions: [
      session('xterm', 'alpha', { startedAt: 1000, watchers: [{ hostId: 'id-here' }] }),
      session('build', 'gamma', { backend: 'tmux', localId: '3', kind: 'terminal', startedAt: 1000 }),
    ],
    viewers: [],
    seats: [],
    ...more,
  };
}
