import { describe, expect, it } from 'vitest';
import { AgentContext } from '../../src/agent/context.ts';
import type { ContextDeps } from '../../src/agent/context-deps.ts';
import { Catalogue } from '../../src/catalogue/store.ts';
import { systemClock } from '../../src/kernel/clock.ts';
import type { Session } from '../../src/model/session.ts';
import type { Backend } from '../../src/profiles/backend.ts';
import type { Prompter, PromptRequest } from '../../src/ssh/ssh.ts';
import { until } from '../rigs/until.ts';

const signal = new AbortController().signal;
const self = { hostId: 'ME', name: 'me', version: '1', sessions: [], backends: {} };
const session: Session = {
  backend: 'tmux',
  localId: '0',
  name: 'build',
  kind: 'terminal',
  watchers: [],
  state: 'live',
};

function rig(part: Partial<ContextDeps> = {}) {
  const catalogue = new Catalogue(self, systemClock);
  const looks: string[] = [];
  const deps = {
    me: { hostId: 'ME', host: 'me' },
    catalogue,
    isYoung: () => false,
    inventory: {
      ready: async () => void looks.push('ready'),
      freshen: async () => void looks.push('here'),
      refresh: async () => void looks.push('here'),
      add: (s: Session) => looks.push(`add ${s.name}`),
    },
    links: {
      to: () => ({ refresh: async () => void looks.push('there'), add: () => looks.push('add there') }),
    },
    lookAround: async () => void looks.push('around'),
    ...part,
  } as unknown as ContextDeps;
  return { context: new AgentContext(deps), catalogue, looks };
}

const alpha = { finder: 'mdns', key: 'k', name: 'alpha', addresses: [], services: [] } as const;

describe('findHost', () => {
  it('waits for a host while the agent is young, and no longer', async () => {
    let young = true;
    const { context, catalogue } = rig({ isYoung: () => young });
    setTimeout(() => catalogue.found(alpha), 60);
    expect((await context.findHost('alpha', signal)).name).toBe('alpha');
    setTimeout(() => {
      young = false;
    }, 60);
    await expect(context.findHost('beta', signal)).rejects.toMatchObject({ code: 'unknown-host' });
  });
});

describe('session', () => {
  it('looks around for one that nobody has listed yet, and asks the host that is named', async () => {
    const { context, catalogue, looks } = rig();
    catalogue.found(alpha);
    await expect(context.session('build', signal)).rejects.toMatchObject({ code: 'unknown-session' });
    await expect(context.session('build@alpha', signal)).rejects.toMatchObject({ code: 'unknown-session' });
    expect(looks).toEqual(['ready', 'here', 'around', 'ready', 'there']);
  });

  it('waits until an agent that has just started knows what runs here', async () => {
    const { context, catalogue } = rig({
      inventory: {
        ready: async () => catalogue.setSelf({ ...self, sessions: [session] }),
        refresh: async () => {},
      } as unknown as ContextDeps['inventory'],
    });
    expect((await context.session('build@me', signal)).ref).toBe('tmux:0@me');
  });

  it('finds what the look-round brought', async () => {
    const { context, catalogue } = rig({
      lookAround: async () => catalogue.setSelf({ ...self, sessions: [session] }),
    });
    expect((await context.session('bui', signal)).ref).toBe('tmux:0@me');
  });
});

describe('remember', () => {
  it('has a new session at once, and makes its host look a moment later', async () => {
    const { context, catalogue, looks } = rig();
    catalogue.found(alpha);
    expect(context.remember(context.host('me'), session).ref).toBe('tmux:0@me');
    expect(context.remember(context.host('alpha'), session).ref).toBe('tmux:0@alpha');
    expect(looks).toEqual(['add build', 'add there']);
    await until('the host is asked', () => looks.length === 3);
    expect(looks[2]).toBe('there');
  });
});

describe('askFor', () => {
  it('asks for another machine, in our words, and only where that backend wants a password', async () => {
    const bind = (name: string) =>
      ({ profile: { name, asks: name === 'rdp' ? { password: 'xrdp' } : undefined } }) as unknown as Backend;
    const asked: PromptRequest[] = [];
    const prompter: Prompter = {
      ask: async (request) => {
        asked.push(request);
        return ['sesame'];
      },
    };
    const context = rig({ bind }).context.asking({ prompter, signal });
    expect(context.canAsk).toBe(true);
    const account = { user: 'me\u{202e}', host: 'alpha', backend: 'rdp', to: 'gamma' };
    expect(await context.askFor(account, signal)).toBe('sesame');
    expect(asked[0]?.prompts[0]?.prompt).toBe('Password of me@alpha for xrdp, handed to gamma:');
    await expect(context.askFor({ ...account, backend: 'xpra' }, signal)).rejects.toMatchObject({
      code: 'protocol-error',
    });
    expect(asked).toHaveLength(1);
    const nobody = rig({ bind }).context;
    expect(nobody.canAsk).toBe(false);
    await expect(nobody.askFor(account, signal)).rejects.toMatchObject({ code: 'auth-failed' });
  });
});

describe('a host that speaks RDP alone', () => {
  const rdp = { host: 'desk.local', port: 3389, typed: false };

  it('is asked for nothing over SSH', async () => {
    const { context, catalogue, looks } = rig();
    catalogue.found({ ...alpha, name: 'desk', hostName: 'desk.local', services: ['_rdp._tcp'], rdp });
    const host = context.host('desk');
    await context.refresh(host);
    for (const use of [context.machine(host), context.askedHost(host, signal), context.peer(host)]) {
      await expect(use).rejects.toMatchObject({
        code: 'not-supported',
        hint: expect.stringContaining('hotdesk open desk'),
      });
    }
    expect(looks).toEqual([]);
  });
});
