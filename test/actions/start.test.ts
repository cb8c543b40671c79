import { describe, expect, it } from 'vitest';
import { start } from '../../src/actions/start.ts';
import { HotdeskError } from '../../src/kernel/errors.ts';
import { fakes, HOST, sessionOf } from './fake-context.ts';

const request = { host: HOST, command: ['/usr/bin/xterm'], options: {}, attach: true, seat: ':0' };
const signal = new AbortController().signal;
const quiet = () => {};

describe('start', () => {
  it('launches the viewer while the session still starts, and names it after its command', async () => {
    const fake = fakes();
    const result = await start(fake.context, request, signal, quiet);
    expect(fake.log).toEqual(['start xpra xterm', 'open :0 early']);
    expect(result).toMatchObject({ session: { name: 'xterm' }, viewer: { seat: ':0' } });
  });

  it('says why it took that backend, and makes a terminal of what only a terminal can run', async () => {
    const asked = { ...request, attach: false };
    expect((await start(fakes().context, asked, signal, quiet)).why).toBe(
      'alpha has xpra, which keeps applications.',
    );
    const named = { ...asked, backend: 'tmux', kind: 'app' as const };
    const inTmux = await start(fakes().context, named, signal, quiet);
    expect(inTmux).toMatchObject({ why: 'tmux was asked for.', session: { kind: 'terminal' } });
    const bySetting = { ...named, why: 'The setting says so.' };
    expect((await start(fakes().context, bySetting, signal, quiet)).why).toBe('The setting says so.');
  });

  it('takes what can be shown here before what cannot', async () => {
    const fake = fakes(['terminal']);
    fake.context.canShow = async ({ profile }) => profile.name === 'tmux';
    const result = await start(fake.context, { ...request, kind: 'terminal' }, signal, quiet);
    expect(result.session.backend).toBe('tmux');
    // Where nothing is to be shown, the order alone counts.
    const alone = await start(fake.context, { ...request, kind: 'terminal', attach: false }, signal, quiet);
    expect(alone.session.backend).toBe('xpra');
  });

  it('passes over what a trial shows not to run', async () => {
    const fake = fakes();
    const all = await fake.context.backendsOn(fake.context.host('alpha'), signal);
    const [first] = all;
    if (!first) throw new Error('there is a backend');
    const profile = { ...first.profile, name: 'crashes', detect: { host: { trial: {} } } } as never;
    fake.context.backendsOn = async () => [
      { ...first, profile, detect: async () => ({ present: false }) },
      ...all,
    ];
    const result = await start(fake.context, { ...request, attach: false }, signal, quiet);
    expect(result).toMatchObject({
      session: { backend: 'xpra' },
      why: expect.not.stringContaining('crashes'),
    });
  });

  it('takes the next free name', async () => {
    const fake = fakes();
    fake.sessions = [sessionOf(), sessionOf({ name: 'xterm-2' })];
    expect((await start(fake.context, { ...request, attach: false }, signal, quiet)).session.name).toBe(
      'xterm-3',
    );
    expect(fake.log).toEqual(['start xpra xterm-3']);
  });

  it('keeps the session when only its viewer failed, and says how to reach it', async () => {
    const fake = fakes();
    fake.openError = new HotdeskError('viewer-missing', 'no xpra here', { hint: 'Install it.' });
    await expect(start(fake.context, request, signal, quiet)).rejects.toMatchObject({
      code: 'viewer-missing',
      hint: expect.stringContaining('hotdesk attach xpra:100@alpha'),
    });
    expect(fake.log).not.toContain('stop');
  });

  it('says that it ended where that is why it could not be shown', async () => {
    const fake = fakes();
    fake.openError = new HotdeskError('viewer-failed', 'The viewer ended.');
    const [backend] = await fake.context.backendsOn(HOST, signal);
    if (!backend) throw new Error('there is a backend');
    backend.info = () => Promise.reject(new HotdeskError('session-gone', 'No more.'));
    await expect(start(fake.context, request, signal, quiet)).rejects.toMatchObject({
      code: 'application-exited',
      message: 'xterm was started, and ended before it was shown.',
      hint: expect.not.stringContaining('hotdesk attach'),
    });
    expect(fake.log.at(-1)).toBe('refresh');
  });

  it('a password that started the session was taken, whatever its viewer says of it', async () => {
    const fake = fakes();
    fake.openError = new HotdeskError('auth-failed', 'no');
    const used: string[] = [];
    fake.context.withPassword = async (_backend, _host, _signal, _report, use) => {
      const result = await use('sesame');
      used.push('taken');
      return result;
    };
    await expect(start(fake.context, request, signal, quiet)).rejects.toMatchObject({ code: 'auth-failed' });
    expect(used).toEqual(['taken']);
    fake.startError = new HotdeskError('auth-failed', 'no');
    await expect(start(fake.context, request, signal, quiet)).rejects.toMatchObject({ code: 'auth-failed' });
    expect(used).toEqual(['taken']);
  });

  it('gives up what lives by its viewer when that fails, and does not choose it by itself', async () => {
    const fake = fakes();
    fake.livesByViewer = true;
    fake.openError = new HotdeskError('viewer-failed', 'no ssh here');
    const asked = { ...request, backend: 'xpra' };
    await expect(start(fake.context, asked, signal, quiet)).rejects.toMatchObject({
      code: 'viewer-failed',
      message: 'no ssh here',
    });
    await expect(start(fake.context, request, signal, quiet)).rejects.toMatchObject({
      code: 'backend-missing',
    });
  });

  it('ends the viewer that was got ready when the session fails', async () => {
    const fake = fakes();
    fake.openHangs = true;
    fake.startError = new HotdeskError('application-exited', 'boom');
    await expect(start(fake.context, request, signal, quiet)).rejects.toMatchObject({
      code: 'application-exited',
    });
    expect(fake.viewers).toEqual([]);
  });

  it('leaves nothing when the user stops it, even after the session runs', async () => {
    const fake = fakes();
    fake.openHangs = true;
    const stop = new AbortController();
    const work = start(fake.context, request, stop.signal, quiet);
    setTimeout(() => stop.abort(), 50);
    await expect(work).rejects.toMatchObject({ code: 'cancelled' });
    expect(fake.log).toEqual(['start xpra xterm', 'open :0 early', 'stop', 'refresh']);
  });

  it('leaves a terminal session to the caller’s terminal', async () => {
    const fake = fakes(['terminal']);
    const { seat: _seat, ...inTerminal } = request;
    const result = await start(fake.context, { ...inTerminal, backend: 'tmux', command: [] }, signal, quiet);
    expect(result).toMatchObject({ wantsTerminal: true, session: { kind: 'terminal', name: 'terminal' } });
  });

  it('takes a terminal backend for a command where there is no other, and says what is missing', async () => {
    const fake = fakes(['desktop']);
    expect((await start(fake.context, request, signal, quiet)).session.backend).toBe('tmux');
    await expect(start(fake.context, { ...request, backend: 'nosuch' }, signal, quiet)).rejects.toMatchObject(
      {
        code: 'backend-missing',
        hint: 'apt install',
      },
    );
  });
});
