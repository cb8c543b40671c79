/** Which part of the agent a method reaches, and who hears of it. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type HandlersDeps, handlersOf } from '../../../src/agent/api/handlers.ts';
import { Prompts } from '../../../src/agent/prompts.ts';
import { SeatEvents } from '../../../src/agent/seat-events.ts';
import { HotdeskError } from '../../../src/kernel/errors.ts';
import type { Host } from '../../../src/model/host.ts';
import type { Prompter } from '../../../src/ssh/ssh.ts';
import { fakes, HOST, sessionOf } from '../../actions/fake-context.ts';
import { fakeCall } from './call.ts';

const me = { hostId: 'ME', host: 'me' };

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'hd-handlers-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const knownHosts = () => join(folder, 'known_hosts');

function rig(host: Host = HOST, part: Partial<HandlersDeps> = {}) {
  const fake = fakes();
  const { log } = fake;
  let peer: { call: (...words: unknown[]) => Promise<unknown> } | undefined;
  const prompters: (Prompter | undefined)[] = [];
  const presented = {
    ...{ type: 'ssh-ed25519', fingerprint: 'SHA256:a', line: '', verdict: { state: 'unknown' } },
    key: Buffer.from('0000000b7373682d6564323535313900000020'.padEnd(102, '1'), 'hex'),
    target: {
      ...{ name: 'alpha', hostKey: { primary: 'alpha', spellings: ['alpha.local'] } },
      ...{ userKnownHosts: [knownHosts()], hashKnownHosts: false },
    },
  };
  const context = Object.assign(fake.context, {
    me,
    session: async () => sessionOf(),
    host: () => host,
    hostOf: () => host,
    findHost: async () => host,
    viewers: { all: () => [{}, {}], of: () => [], close: async () => {} },
    asking: () => fake.context,
  });
  const seatEvents = new SeatEvents();
  seatEvents.on(({ what, ref, by }) => log.push(`views: ${what} ${ref} by ${by.host}`));
  seatEvents.onStopping(({ localId, by }) => log.push(`peers here: ${localId} by ${by.host}`));
  const deps = {
    context,
    prompts: new Prompts(),
    seatEvents,
    links: {
      to: () => ({ peer, want: () => log.push('want') }),
      leave: () => log.push('leave') > 0,
    },
    remote: {
      pool: async () => ({
        scan: async (_target: unknown, _signal: unknown, prompter: Prompter | undefined) => {
          log.push('ssh');
          prompters.push(prompter);
          return presented;
        },
      }),
    },
    paths: { stateDir: folder, cacheDir: folder, socket: '/run/s', log: '/state/log' },
    settings: { current: () => ({ advertise: 'names' }), problems: () => [], list: () => [] },
    discovery: { advertising: () => 'avahi', describe: () => 'mDNS', problems: () => [] },
    identity: { hostId: 'ME', host: 'me' },
    seats: { all: () => [{ id: ':0' }, { id: ':1' }] },
    sessions: () => [sessionOf()],
    startedAt: Date.now() - 90_400,
    ...part,
  } as unknown as HandlersDeps;
  return {
    ...{ log, deps, prompters, handlers: handlersOf(deps) },
    withAgent: (call: (...words: unknown[]) => Promise<unknown>) => {
      peer = { call };
    },
  };
}

describe('who hears that a session is being stopped', () => {
  const asked = { ref: 'xterm' };

  it('here: the views, and the agents that look at this machine, before it ends', async () => {
    const { handlers, log, withAgent } = rig({ ...HOST, state: 'local' });
    withAgent(async () => void log.push('over there'));
    await handlers.stop(asked, fakeCall().call);
    expect(log.slice(0, 3)).toEqual(['views: stopped xpra:100@alpha by me', 'peers here: 100 by me', 'stop']);
    expect(log).not.toContain('over there');
  });

  it('elsewhere: its own agent, by whose wish', async () => {
    const { handlers, log, withAgent } = rig();
    const told: unknown[][] = [];
    withAgent(async (...words) => void told.push(words));
    await handlers.stop(asked, fakeCall().call);
    expect(told).toEqual([['session.stopping', { backend: 'xpra', localId: '100', by: me }]]);
    expect(log.slice(0, 2)).toEqual(['views: stopped xpra:100@alpha by me', 'stop']);
  });

  it('is stopped all the same where that agent is too old to be told, and where there is none', async () => {
    const old = rig();
    old.withAgent(() => Promise.reject(new HotdeskError('protocol-error', 'No such method.')));
    await old.handlers.stop(asked, fakeCall().call);
    expect(old.log).toContain('stop');
    const none = rig();
    await none.handlers.stop(asked, fakeCall().call);
    expect(none.log).toContain('stop');
  });
});

describe('trust', () => {
  const params = { host: 'alpha', fingerprint: 'SHA256:a' };

  it('a key that is recorded gives its host another try; one that is not does not', async () => {
    const { handlers, log } = rig();
    const { call } = fakeCall();
    const other = handlers['trust.record']({ ...params, fingerprint: 'SHA256:b' }, call);
    await expect(other).rejects.toMatchObject({ code: 'host-key-changed' });
    expect(log).toEqual(['ssh']);
    expect(await handlers['trust.record'](params, call)).toMatchObject({ state: 'known' });
    expect(readFileSync(knownHosts(), 'utf8')).toMatch(/^alpha,alpha.local ssh-ed25519 /u);
    expect(log).toEqual(['ssh', 'ssh', 'want']);
  });

  it('on the way to it a view that attends is asked, and no other', async () => {
    const { handlers, deps, prompters } = rig();
    const { call } = fakeCall();
    await handlers['trust.scan']({ host: 'alpha' }, call);
    deps.prompts.attend(call.connection);
    await handlers['trust.scan']({ host: 'alpha' }, call);
    await handlers['trust.record'](params, call);
    expect(prompters.map((prompter) => prompter !== undefined)).toEqual([false, true, true]);
  });

  const rdpOnly: Host = { ...HOST, name: 'desk', state: 'rdp-only' };
  it.each([
    ['of a host that speaks RDP alone', rdpOnly, {}],
    ['that is asked for', HOST, { rdp: true }],
  ])('the certificate %s is never looked for over SSH', async (_which, host, rdp) => {
    const { handlers, log } = rig(host);
    const { call } = fakeCall();
    for (const asked of [
      handlers['trust.scan']({ host: host.name, ...rdp }, call),
      handlers['trust.record']({ ...params, ...rdp }, call),
    ]) {
      await expect(asked).rejects.toBeInstanceOf(HotdeskError);
    }
    expect(log).toEqual([]);
  });

  it('is ended by the host that is meant', async () => {
    const { handlers, log } = rig();
    expect(await handlers['trust.leave']({ host: 'alpha' }, fakeCall().call)).toEqual({ left: true });
    expect(log).toEqual(['leave']);
  });
});

describe('status', () => {
  it('says what is wrong, with the settings and with what finds hosts, and nothing of how', async () => {
    const cause = new Error('EADDRINUSE');
    const { handlers } = rig(HOST, {
      settings: {
        current: () => ({ advertise: 'names' }),
        problems: () => [{ code: 'bad-setting', message: 'idleMinutes: a number was expected.' }],
      },
      discovery: {
        ...{ advertising: () => 'avahi', describe: () => 'mDNS' },
        problems: () => [
          new HotdeskError('port-taken', 'Port 5353 is taken.', { hint: 'Stop it.', cause }),
          new HotdeskError('mdns-unavailable', 'No link.'),
        ],
      },
    } as unknown as Partial<HandlersDeps>);
    const status = await handlers.status({}, fakeCall().call);
    expect(status.problems).toEqual([
      { code: 'bad-setting', message: 'idleMinutes: a number was expected.' },
      { code: 'port-taken', message: 'Port 5353 is taken.', hint: 'Stop it.' },
      { code: 'mdns-unavailable', message: 'No link.' },
    ]);
    expect(status).toMatchObject({
      ...{ advertising: 'names (avahi)', sessions: 1, viewers: 2, seats: [':0', ':1'], uptime: 90 },
      ...{ hostId: 'ME', host: 'me', socket: '/run/s', log: '/state/log', pid: process.pid },
    });
  });
});
