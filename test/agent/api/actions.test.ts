import { describe, expect, it } from 'vitest';
import { type AppStarter, actionHandlers } from '../../../src/agent/api/actions.ts';
import type { AgentContext } from '../../../src/agent/context.ts';
import type { Terminals } from '../../../src/agent/terminals.ts';
import { HotdeskError } from '../../../src/kernel/errors.ts';
import type { Host } from '../../../src/model/host.ts';
import { fakes, HOST, sessionOf } from '../../actions/fake-context.ts';
import { fakeCall } from './call.ts';

function rig(session = sessionOf(), anySeat?: string) {
  const fake = fakes();
  fake.sessions = [session];
  const local = { ...HOST, name: 'me', state: 'local' as const };
  const context = Object.assign(fake.context, {
    session: async () => session,
    findHost: async (name: string) => (name === 'me' ? local : HOST),
    askedHost: async (host: Host) => host,
    host: (name: string) => (name === 'me' ? local : HOST),
    hostOf: () => HOST,
    anySeat: async () => anySeat,
  });
  const sizes: unknown[] = [];
  const terminals = { resize: (...size: unknown[]) => void sizes.push(size) } as unknown as Terminals;
  const started: string[] = [];
  const apps: AppStarter = async (_host, asked, text) => ({
    id: text,
    params: { ...asked, command: ['calc', '--big'], name: 'Calculator', kind: 'app' },
    started: async () => void started.push(text),
  });
  const handlers = actionHandlers(
    () => context as unknown as AgentContext,
    terminals,
    apps,
    ({ ref }) => void fake.log.push(`told of ${ref}`),
  );
  return { handlers, fake, sizes, started };
}

const params = { ref: 'xterm', options: {} } as const;

describe('a session that is no terminal', () => {
  it('is not opened without a display, and nothing is tried', async () => {
    const { handlers, fake } = rig();
    const { call } = fakeCall();
    for (const open of [handlers.attach({ ...params, mode: 'take' }, call), handlers.move(params, call)]) {
      await expect(open).rejects.toMatchObject({ code: 'no-seat' });
    }
    expect(fake.requests).toEqual([]);
  });

  it('moves to the one seat that is known where the caller has none', async () => {
    const { handlers, fake } = rig(sessionOf(), ':0');
    await handlers.move(params, fakeCall().call);
    expect(fake.requests).toMatchObject([{ seat: ':0' }]);
  });
});

describe('start of an application', () => {
  const asked = { host: 'alpha', app: 'org.x.Calc', command: [], options: {}, attach: false };
  it('starts its command under its name, and takes note of it', async () => {
    const { handlers, fake, started } = rig();
    expect((await handlers.start(asked, fakeCall().call)).session.name).toBe('Calculator');
    expect(fake.log).toContain('start xpra Calculator');
    expect(started).toEqual(['org.x.Calc']);
  });

  it('takes no command besides, and notes nothing that failed', async () => {
    const { handlers, fake, started } = rig();
    const both = handlers.start({ ...asked, command: ['x'] }, fakeCall().call);
    await expect(both).rejects.toMatchObject({ code: 'bad-argument' });
    fake.startError = new HotdeskError('application-exited', 'boom');
    await expect(handlers.start(asked, fakeCall().call)).rejects.toMatchObject({
      code: 'application-exited',
    });
    expect(started).toEqual([]);
  });
});

describe('stop', () => {
  it('says what it ends, and answers with the session that it was', async () => {
    const { handlers, fake } = rig();
    const { call, said } = fakeCall();
    expect((await handlers.stop({ ref: 'xterm' }, call)).session.ref).toBe('xpra:100@alpha');
    expect(said).toEqual(['ending xterm']);
    // Whoever is told of a stop knows of it before the session is gone.
    expect(fake.log.slice(0, 2)).toEqual(['told of xpra:100@alpha', 'stop']);
  });
});

describe('terminal.resize', () => {
  it('reaches the terminal of that viewer', async () => {
    const { handlers, sizes } = rig();
    const size = { viewerId: 'v1', columns: 80, rows: 24 };
    expect(await handlers['terminal.resize'](size, fakeCall().call)).toEqual({});
    expect(sizes).toEqual([['v1', size]]);
  });
});
