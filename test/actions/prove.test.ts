import { describe, expect, it } from 'vitest';
import { type ProveRequest, prove } from '../../src/actions/prove.ts';
import { HotdeskError } from '../../src/kernel/errors.ts';
import { type Fakes, fakes, HOST, sessionOf } from './fake-context.ts';

const request: ProveRequest = { host: HOST, profile: 'xpra', command: [], options: {}, seat: ':0' };

async function rig(
  can: readonly string[],
): Promise<{ fake: Fakes; run(part?: Partial<ProveRequest>): ReturnType<typeof prove> }> {
  const fake = fakes(['app'], can);
  const backend = await fake.context.backend(HOST, 'xpra', AbortSignal.timeout(1000));
  // What it lists is what was started and not stopped.
  backend.list = async () => {
    const started = fake.log.findLast((line) => line.startsWith('start '))?.split(' ')[2];
    return started && !fake.log.includes('stop') ? [sessionOf({ name: started })] : [];
  };
  return {
    fake,
    run: (part) => prove(fake.context, { ...request, ...part }, AbortSignal.timeout(5000), () => {}),
  };
}

describe('profiles test', () => {
  it('does each thing that the profile says it can, and no other', async () => {
    const { fake, run } = await rig(['start', 'attach', 'detach', 'stop', 'thumbnail']);
    const steps = await run();
    expect(steps.filter(({ state }) => state !== 'ok')).toEqual([]);
    expect(steps.map(({ step }) => step)).toEqual([
      'detect',
      'start',
      'list',
      'info',
      'attach',
      'thumbnail',
      'detach',
      'stop',
    ]);
    expect(fake.log).toEqual(expect.arrayContaining(['open :0', 'close v1', 'detach', 'stop']));
  });

  it('goes no further than a start that failed, with the cure', async () => {
    const { fake, run } = await rig(['start', 'stop']);
    fake.startError = new HotdeskError('start-failed', 'It did not start.', { hint: 'Try again.' });
    expect(await run()).toMatchObject([
      { step: 'detect', state: 'ok' },
      { step: 'start', state: 'failed', detail: 'It did not start. Try again.' },
    ]);
    expect(await run({ profile: 'missing' })).toMatchObject([
      { step: 'detect', state: 'failed', detail: expect.stringContaining('apt install') },
    ]);
  });

  it('a password that is not taken is no outcome of a step, so that it is not kept', async () => {
    const { fake, run } = await rig(['start', 'stop']);
    fake.startError = new HotdeskError('auth-failed', 'xrdp did not take that password.');
    expect((await run()).at(-1)).toMatchObject({ step: 'start', state: 'failed' });
    fake.context.withPassword = (_backend, _host, _signal, _report, use) => use('wrong');
    await expect(run()).rejects.toMatchObject({ code: 'auth-failed' });
  });

  it('takes the picture while it is shown, which some have a moment later', async () => {
    const { fake, run } = await rig(['start', 'attach', 'stop', 'thumbnail']);
    const backend = await fake.context.backend(HOST, 'xpra', AbortSignal.timeout(1000));
    let asked = 0;
    backend.thumbnail = async () => {
      asked += 1;
      if (asked < 3 || fake.log.includes('close v1')) throw new Error('It has no picture yet.');
      return { kind: 'text', text: '' };
    };
    expect((await run()).filter(({ state }) => state !== 'ok')).toEqual([]);
    expect(fake.log).toContain('close v1');
    const { fake: alone, run: runAlone } = await rig(['start', 'stop', 'thumbnail']);
    const other = await alone.context.backend(HOST, 'xpra', AbortSignal.timeout(1000));
    other.thumbnail = async () => {
      throw new Error('It has none.');
    };
    expect(await runAlone()).toContainEqual(expect.objectContaining({ step: 'thumbnail', state: 'failed' }));
  });

  it('starts what lives by its viewer with one, where there is a display', async () => {
    const { fake, run } = await rig(['start', 'stop']);
    fake.livesByViewer = true;
    const backend = await fake.context.backend(HOST, 'xpra', AbortSignal.timeout(1000));
    const wants: unknown[] = [];
    const start = backend.start.bind(backend);
    backend.start = async (asked, onStage, signal) => {
      wants.push(asked.viewerComes);
      // It is there when its viewer is.
      if (!fake.openError) fake.livesByViewer = false;
      return start(asked, onStage, signal);
    };
    expect((await run()).filter(({ state }) => state !== 'ok')).toEqual([]);
    expect(fake.log).toContain('open :0 early');
    fake.livesByViewer = true;
    fake.openError = new HotdeskError('viewer-failed', 'No window came.');
    expect((await run()).at(-1)).toMatchObject({ step: 'start', state: 'failed', detail: 'No window came.' });
    expect(wants).toEqual([true, true]);
  });

  it('ends the session when a later step failed, and says which', async () => {
    const { fake, run } = await rig(['start', 'attach', 'stop']);
    fake.openError = new HotdeskError('viewer-failed', 'No window came.');
    const steps = await run();
    expect(steps.find(({ step }) => step === 'attach')).toMatchObject({
      state: 'failed',
      detail: 'No window came.',
    });
    expect(steps.at(-1)).toMatchObject({ step: 'stop', state: 'ok' });
    expect(fake.log).toContain('stop');
  });
});
