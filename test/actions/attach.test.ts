import { describe, expect, it } from 'vitest';
import { attach } from '../../src/actions/attach.ts';
import { sleep } from '../../src/kernel/abort.ts';
import { HotdeskError } from '../../src/kernel/errors.ts';
import { type Fakes, fakes, HOST, sessionOf } from './fake-context.ts';

const signal = new AbortController().signal;
const quiet = () => {};
const request = { host: HOST, mode: 'take', options: {}, seat: ':0' } as const;

/** Its host takes a moment to say that it may have the session. */
function claimLate({ context }: Fakes): void {
  const { claim } = context;
  context.claim = async (...given) => {
    await sleep(20);
    return claim(...given);
  };
}

/** Its viewer runs a moment before it fails. */
function failLate({ context, log }: Fakes, error: HotdeskError): void {
  context.viewers.open = async ({ seat }) => {
    log.push(`open ${seat}`);
    await sleep(5);
    throw error;
  };
}

describe('attach', () => {
  it('hands over in order: starts its viewer, claims, shows, commits', async () => {
    const fake = fakes();
    const session = sessionOf({ watchers: [{ host: 'beta' }] });
    const result = await attach(fake.context, { ...request, session }, signal, quiet);
    expect(fake.log).toEqual(['open :0', 'claim', 'commit']);
    expect(result.viewer?.seat).toBe(':0');
  });

  it('asks for what the backend wants before anything is taken, and gives it to the viewer', async () => {
    const fake = fakes();
    fake.context.withPassword = (_backend, _host, _signal, _report, use) => use('sesame');
    await attach(fake.context, { ...request, session: sessionOf() }, signal, quiet);
    expect(fake.requests[0]?.password).toBe('sesame');
    fake.log.length = 0;
    fake.context.withPassword = async () => {
      throw new HotdeskError('auth-failed', 'nobody answered');
    };
    await expect(
      attach(fake.context, { ...request, seat: ':1', session: sessionOf() }, signal, quiet),
    ).rejects.toMatchObject({ code: 'auth-failed' });
    expect(fake.log).toEqual([]);
  });

  it('asks nobody where there is no viewer', async () => {
    const fake = fakes();
    const backend = await fake.context.backend(HOST, 'xpra', signal);
    fake.context.backend = async () => ({
      ...backend,
      profile: { ...backend.profile, asks: { password: 'xpra' } },
    });
    fake.context.canShow = async () => false;
    fake.context.withPassword = () => Promise.reject(new Error('somebody was asked'));
    const work = attach(fake.context, { ...request, session: sessionOf() }, signal, quiet);
    await expect(work).rejects.toMatchObject({ code: 'viewer-missing' });
  });

  it.each([
    ['is taken by asking for its place', 'displaces'],
    ['has its viewers ended first', 'refused'],
  ] as const)('takes nothing of a session that %s where there is no viewer', async (_what, steals) => {
    const fake = fakes();
    fake.context.canShow = async () => false;
    const session = sessionOf({ watchers: [{ host: 'beta' }], steals });
    const work = attach(fake.context, { ...request, session }, signal, quiet);
    await expect(work).rejects.toMatchObject({ code: 'viewer-missing' });
    expect(fake.log).toEqual([]);
  });

  it('gives the session back when its new viewer does not show', async () => {
    const fake = fakes();
    failLate(fake, new HotdeskError('viewer-failed', 'no'));
    const session = sessionOf({ watchers: [{ host: 'beta' }] });
    await expect(attach(fake.context, { ...request, session }, signal, quiet)).rejects.toMatchObject({
      code: 'viewer-failed',
    });
    expect(fake.log).toEqual(['open :0', 'claim', 'give back']);
  });

  it('claims nothing when its viewer cannot even be started', async () => {
    const fake = fakes();
    fake.openError = new HotdeskError('viewer-missing', 'no');
    const work = attach(fake.context, { ...request, session: sessionOf() }, signal, quiet);
    await expect(work).rejects.toMatchObject({ code: 'viewer-missing' });
    await sleep(20);
    expect(fake.log).toEqual(['open :0']);
  });

  it('begins to open while the session is claimed; who may not have it hears that', async () => {
    const fake = fakes();
    const busy = new HotdeskError('session-busy', 'no');
    fake.context.claim = () => Promise.reject(busy);
    const work = attach(fake.context, { ...request, session: sessionOf() }, signal, quiet);
    await expect(work).rejects.toBe(busy);
    expect(fake.log).toEqual(['open :0']);
    expect(fake.viewers).toEqual([]);
  });

  it('gives back what was granted after the opening had failed', async () => {
    const fake = fakes();
    claimLate(fake);
    failLate(fake, new HotdeskError('viewer-failed', 'no'));
    await expect(
      attach(fake.context, { ...request, session: sessionOf() }, signal, quiet),
    ).rejects.toMatchObject({ code: 'viewer-failed' });
    expect(fake.log).toEqual(['open :0', 'claim', 'give back']);
  });

  it('claims first where the others are ended before', async () => {
    const fake = fakes();
    claimLate(fake);
    const session = sessionOf({ watchers: [{ host: 'beta' }], steals: 'refused' });
    await attach(fake.context, { ...request, session }, signal, quiet);
    expect(fake.log).toEqual(['claim', 'detach', 'open :0', 'commit']);
  });

  it('does nothing where it is shown already, and opens again where that viewer is on its way out', async () => {
    const fake = fakes();
    await attach(fake.context, { ...request, session: sessionOf() }, signal, quiet);
    fake.watching = [{ host: 'me' }];
    await attach(fake.context, { ...request, session: sessionOf() }, signal, quiet);
    const opened = () => fake.log.filter((line) => line.startsWith('open')).length;
    expect(opened()).toBe(1);
    fake.watching = [];
    await attach(fake.context, { ...request, session: sessionOf() }, signal, quiet);
    expect(opened()).toBe(2);
  });

  it('leaves a terminal to the caller', async () => {
    const fake = fakes();
    const result = await attach(
      fake.context,
      { ...request, seat: undefined, session: sessionOf() },
      signal,
      quiet,
    );
    expect(result.wantsTerminal).toBe(true);
    expect(fake.log).toEqual([]);
  });
});
