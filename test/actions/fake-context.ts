/** A context with one host and one backend whose every move is noted. */
import type { ActionContext, OpenViewer } from '../../src/actions/context.ts';
import { sleep } from '../../src/kernel/abort.ts';
import type { HotdeskError } from '../../src/kernel/errors.ts';
import type { Host } from '../../src/model/host.ts';
import type { HostSession, Session, Watcher } from '../../src/model/session.ts';
import type { Viewer } from '../../src/model/viewer.ts';
import type { Backend, StartStage } from '../../src/profiles/backend.ts';

export const HOST: Host = {
  key: 'A',
  name: 'alpha',
  hostId: 'A',
  addresses: [],
  finders: ['mdns'],
  state: 'agent',
  adverts: [],
  backends: { xpra: '3', tmux: '3' },
};

export function sessionOf(part: Partial<HostSession> = {}): HostSession {
  return {
    backend: 'xpra',
    localId: '100',
    name: 'xterm',
    kind: 'app',
    watchers: [],
    state: 'live',
    hostKey: 'A',
    host: 'alpha',
    ref: 'xpra:100@alpha',
    ...part,
  };
}

export interface Fakes {
  readonly log: string[];
  viewers: Viewer[];
  readonly requests: OpenViewer[];
  sessions: HostSession[];
  /** Who the backend says is watching. */
  watching: Watcher[];
  /** What opening a viewer throws. */
  openError: HotdeskError | undefined;
  startError: HotdeskError | undefined;
  /** Sessions are there as long as their viewer, and start when that has come. */
  livesByViewer: boolean;
  /** What the profile says of its detach. */
  after: 'viewers' | undefined;
  /** Never opens until stopped. */
  openHangs: boolean;
  context: ActionContext;
}

export function fakes(
  kinds: readonly Session['kind'][] = ['app'],
  can: readonly string[] = ['start', 'attach', 'detach', 'stop', 'thumbnail'],
): Fakes {
  const fake: Fakes = {
    log: [],
    viewers: [],
    requests: [],
    sessions: [],
    watching: [],
    openError: undefined,
    startError: undefined,
    livesByViewer: false,
    after: undefined,
    openHangs: false,
    context: undefined as unknown as ActionContext,
  };
  const note = (text: string) => void fake.log.push(text);
  const backend = (name: string, of: readonly string[]): Backend =>
    ({
      get profile() {
        const connect = fake.livesByViewer ? { endpoint: { kind: 'ssh' } } : undefined;
        return {
          name,
          kinds: of,
          can,
          steals: 'displaces',
          connect,
          detach: { after: fake.after },
          detect: { host: {} },
        };
      },
      machine: { isLocal: false, name: 'alpha' },
      detect: async () => ({
        present: name !== 'missing',
        missing: { message: 'not there', hint: 'apt install' },
      }),
      start: async (
        request: { name: string; kind: Session['kind'] },
        onStage: (s: StartStage) => void,
        signal?: AbortSignal,
      ) => {
        note(`start ${name} ${request.name}`);
        onStage({ stage: 'placed', localId: '100', endpoint: { kind: 'unix', path: '/x' } });
        await sleep(fake.livesByViewer ? 60_000 : 5, signal);
        if (fake.startError) throw fake.startError;
        const {
          hostKey: _k,
          host: _h,
          ref: _r,
          ...bare
        } = sessionOf({ backend: name, name: request.name, kind: request.kind });
        return bare;
      },
      info: async () => ({ ...sessionOf(), watchers: fake.watching, facts: { a: 'b' } }),
      detach: async () => note('detach'),
      stop: async () => note('stop'),
      rename: async (_id: string, name: string) => note(`rename ${name}`),
      thumbnail: async () => ({ kind: 'text', text: 'hello' }),
    }) as unknown as Backend;
  const backends = [backend('xpra', kinds), backend('tmux', ['terminal'])];
  const context: Partial<ActionContext> = {
    me: { hostId: 'ME', host: 'me' },
    rows: () => ({ hosts: [HOST], sessions: fake.sessions, answerOf: new Map() }),
    host: () => HOST,
    hostOf: () => HOST,
    backend: async (_host, name) =>
      backends.find((b) => b.profile.name === name) ?? backend('missing', kinds),
    backendsOn: async () => backends,
    preferred: () => [],
    peer: async () => undefined,
    claim: async () => {
      note('claim');
      return { end: async (ok) => note(ok ? 'commit' : 'give back') };
    },
    options: async (_b, _place, given) => given,
    withPassword: (_backend, _host, _signal, _report, use) => use(undefined),
    canAsk: false,
    canShow: async () => true,
    refresh: async () => note('refresh'),
    remember: (_host, session) => ({
      ...session,
      hostKey: 'A',
      host: 'alpha',
      ref: `${session.backend}:100@alpha`,
    }),
    viewers: {
      redirect: () => undefined,
      open: async (request, signal) => {
        note(`open ${request.seat}${request.endpoint ? ' early' : ''}`);
        fake.requests.push(request);
        if (fake.openHangs) await sleep(60_000, signal);
        if (fake.openError) throw fake.openError;
        // Before it is shown.
        await request.claimed;
        const viewer: Viewer = {
          id: 'v1',
          ref: 'r',
          hostKey: 'A',
          backend: 'xpra',
          localId: '100',
          seat: request.seat,
          since: 0,
          state: 'shown',
        };
        fake.viewers.push(viewer);
        return viewer;
      },
      close: async (id) => {
        note(`close ${id}`);
        fake.viewers = fake.viewers.filter((viewer) => viewer.id !== id);
      },
      of: () => fake.viewers,
    },
  };
  fake.context = context as ActionContext;
  return fake;
}
