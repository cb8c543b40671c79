/** Which host is told what, whatever is lost on the way. */
import { PassThrough } from 'node:stream';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { ActionContext } from '../../src/actions/context.ts';
import { migrate } from '../../src/actions/migrate.ts';
import { HotdeskError } from '../../src/kernel/errors.ts';
import type { Host } from '../../src/model/host.ts';
import type { Backend } from '../../src/profiles/backend.ts';
import { fakes, HOST, sessionOf } from './fake-context.ts';

const TO: Host = { ...HOST, key: 'G', hostId: 'G', name: 'gamma' };
const silence = () => new HotdeskError('connection-lost', 'The connection was lost.');
const refusal = () => new HotdeskError('start-failed', 'What had come of it was dropped.');

/** What a step answers: values, or an error. Later calls get later answers; the last one stays. */
type Answers = Readonly<Record<string, readonly (Readonly<Record<string, string>> | HotdeskError)[]>>;

const GOOD: Answers = {
  describe: [{ folder: '/s' }],
  receive: [{ socket: '/in' }],
  send: [{ carry: '/out' }],
  look: [{ state: 'sending', percent: '40' }, { state: 'sent' }],
  take: [{ id: '7' }],
};

function rig(answers: Answers = {}, can: readonly string[] = ['attach', 'migrate']) {
  const fake = fakes(['vm'], can);
  const log: string[] = [];
  const counts = new Map<string, number>();
  /** What each step was last told. */
  const values: Record<string, object> = {};
  const opened: object[] = [];
  const all: Answers = { ...GOOD, ...answers };
  const backendAt = (host: Host) =>
    ({
      profile: { name: 'spice-vm', can, kinds: ['vm'], steals: 'displaces', options: {} },
      machine: {
        name: host.name,
        isLocal: false,
        open: async (at: object) => {
          opened.push(at);
          return new PassThrough();
        },
      },
      detect: async () => ({ present: true }),
      migrate: async (step: string, told: object) => {
        values[step] = told;
        const nth = counts.get(step) ?? 0;
        counts.set(step, nth + 1);
        if (step !== 'look' && step !== 'beat') log.push(`${host.name} ${step}`);
        const answer = all[step]?.[Math.min(nth, (all[step]?.length ?? 1) - 1)] ?? {};
        if (answer instanceof HotdeskError) throw answer;
        return answer;
      },
    }) as unknown as Backend;
  const context: ActionContext = Object.assign(Object.create(fake.context) as ActionContext, {
    hostOf: () => HOST,
    backend: async (host: Host) => backendAt(host),
    remember: (host: Host, session: object) =>
      sessionOf({ ...session, hostKey: host.key, host: host.name, ref: `spice-vm:7@${host.name}` }),
    refresh: async () => {},
  });
  const session = sessionOf({ backend: 'spice-vm', kind: 'vm', localId: '3', ref: 'spice-vm:3@alpha' });
  const reports: string[] = [];
  return {
    fake,
    log,
    reports,
    values,
    opened,
    run: (signal = AbortSignal.timeout(60_000), to = TO) =>
      migrate(context, { session, to, limit: undefined }, signal, (text) => reports.push(text)),
  };
}

afterEach(() => {
  vi.useRealTimers();
});

describe('migrate', () => {
  it('is taken there before it is left here', async () => {
    const { run, log, reports } = rig();
    const { session } = await run();
    expect(session).toMatchObject({ host: 'gamma', localId: '7' });
    expect(log).toEqual([...['alpha describe', 'gamma receive', 'alpha send', 'gamma take', 'alpha leave']]);
    expect(reports).toContain('sending it to gamma: 40 %');
  });

  it('its viewer opens there before the one before is closed, and that before it is left', async () => {
    const { run, fake, log } = rig();
    fake.viewers.push({
      ...{ id: 'v0', ref: 'spice-vm:3@alpha', hostKey: 'A', backend: 'spice-vm', localId: '3' },
      ...{ seat: ':0', since: 0, state: 'shown' },
    });
    await run();
    expect(fake.requests).toMatchObject([{ host: TO, session: { localId: '7' }, seat: ':0', mode: 'take' }]);
    expect(fake.log).toEqual(['open :0', 'close v0']);
    expect(log.at(-1)).toBe('alpha leave');
  });

  describe('a viewer that can follow by itself', () => {
    const viewer = {
      ...{ id: 'v0', ref: 'spice-vm:3@alpha', hostKey: 'A', backend: 'spice-vm', localId: '3' },
      ...{ seat: ':0', since: 0, state: 'shown' as const },
    };
    const following = (answers: Answers) => {
      const made = rig({ ...GOOD, receive: [{ socket: '/in', view: '/spice' }], ...answers });
      made.fake.viewers.push(viewer);
      const led: string[] = [];
      let connect: () => Promise<unknown> = async () => {};
      made.fake.context.viewers.redirect = (id, _backend, open) => {
        led.push(`${id} away`);
        connect = () => open(AbortSignal.timeout(1000));
        return {
          port: 5123,
          done: (host, { localId }) => {
            led.push('done');
            const now = { ...viewer, hostKey: host.key, localId };
            made.fake.viewers.splice(0, 1, now);
            return now;
          },
          undo: () => void led.push('undo'),
        };
      };
      made.fake.context.viewers.of = (key, { localId }) =>
        made.fake.viewers.filter((each) => each.hostKey === key && each.localId === localId);
      return { ...made, led, connect: () => connect() };
    };

    it('is led there before anything is sent, and neither opened nor closed', async () => {
      const { run, fake, led, log } = following({
        look: [{ state: 'sent' }, { state: 'sent' }, { state: 'sent', followed: 'yes' }],
      });
      expect((await run()).viewer).toMatchObject({ id: 'v0', hostKey: 'G', localId: '7' });
      expect(led).toEqual(['v0 away', 'done']);
      expect(fake.log).toEqual([]);
      expect(log.at(-1)).toBe('alpha leave');
    });

    it('is led to where the target says that its console is, and is told that it follows by its port', async () => {
      const { run, led, connect, opened, values } = following({
        receive: [{ socket: '/in', view: 'later' }],
        beat: [{ viewPort: '5901' }],
        look: [{ state: 'sending' }, { state: 'sent' }],
        take: [{ id: '7', followed: 'yes' }],
      });
      expect((await run()).viewer).toMatchObject({ id: 'v0', hostKey: 'G' });
      expect(led).toEqual(['v0 away', 'done']);
      expect(values.send).toMatchObject({ follow: 'yes', viewerPort: '5123' });
      await connect();
      expect(opened.at(-1)).toEqual({ kind: 'tcp', host: '127.0.0.1', port: 5901 });
    });

    it('is opened anew at once where the target says that it did not follow, though it has ended with the source', async () => {
      const { run, fake, led } = following({ take: [{ id: '7', followed: 'no' }] });
      const { of } = fake.context.viewers;
      let looks = 0;
      fake.context.viewers.of = (key, session) => {
        looks += 1;
        return key === 'A' && looks > 3 ? [] : of(key, session);
      };
      await run();
      expect(led).toEqual(['v0 away', 'undo']);
      expect(fake.requests).toMatchObject([{ host: TO, session: { localId: '7' }, seat: ':0' }]);
    });

    it('is led back where it cannot go', async () => {
      const { run, led } = following({ look: [{ state: 'failed', why: 'cut' }] });
      await expect(run()).rejects.toThrow();
      expect(led).toEqual(['v0 away', 'undo']);
    });

    it('is opened anew where it did not follow in time', async () => {
      vi.useFakeTimers();
      const { run, fake, led } = following({ look: [{ state: 'sent' }] });
      const running = run();
      await vi.advanceTimersByTimeAsync(15_000);
      await running;
      expect(led).toEqual(['v0 away', 'undo']);
      expect(fake.log).toEqual(['open :0', 'close v0']);
    });
  });

  it('what no backend can take there is refused, with what can be done', async () => {
    const { run, log } = rig({}, ['attach']);
    await expect(run()).rejects.toMatchObject({
      code: 'not-supported',
      hint: expect.stringContaining('--relaunch'),
    });
    expect(log).toEqual([]);
    await expect(rig().run(undefined, HOST)).rejects.toMatchObject({ code: 'bad-argument' });
  });

  it.each([
    ['the source refuses', { describe: [refusal()] }, ['alpha describe']],
    [
      'the target refuses',
      { receive: [refusal()] },
      ['alpha describe', 'gamma receive', 'gamma drop', 'alpha cancel'],
    ],
    [
      'it cannot be sent',
      { look: [{ state: 'failed', why: 'cut' }] },
      ['alpha describe', 'gamma receive', 'alpha send', 'gamma drop', 'alpha cancel'],
    ],
    [
      'the target has dropped it',
      { take: [refusal()] },
      ['alpha describe', 'gamma receive', 'alpha send', 'gamma take', 'alpha cancel'],
    ],
  ])('%s: the source goes on, once the target cannot', async (_why, answers: Answers, steps) => {
    const { run, log } = rig(answers);
    await expect(run()).rejects.toThrow();
    expect(log).toEqual(steps);
  });

  it('stopped half way: the target drops it, the source goes on', async () => {
    const stop = new AbortController();
    const { run, log } = rig({ look: [{ state: 'sending' }] });
    const running = run(stop.signal);
    setTimeout(() => stop.abort(), 50);
    await expect(running).rejects.toMatchObject({ code: 'cancelled' });
    expect(log.slice(-2)).toEqual(['gamma drop', 'alpha cancel']);
  });

  describe('a target that has all of it, and would not drop that', () => {
    const whole = new HotdeskError('session-busy', 'It has come there whole.');
    it('is told to once the source goes on for certain', async () => {
      const { run, log, values } = rig({ look: [silence()], drop: [whole, {}] });
      await expect(run()).rejects.toMatchObject({ code: 'connection-lost' });
      expect(log.slice(-3)).toEqual(['gamma drop', 'alpha cancel', 'gamma drop']);
      expect(values.drop).toMatchObject({ sure: 'yes' });
    });
    it('takes it where the source has ended', async () => {
      const { run, log } = rig({ look: [silence()], drop: [whole], cancel: [{ gone: 'yes' }] });
      expect((await run()).session.host).toBe('gamma');
      expect(log.slice(-4)).toEqual(['gamma drop', 'alpha cancel', 'gamma take', 'alpha leave']);
    });
    it('keeps it as long as nobody knows', async () => {
      vi.useFakeTimers();
      const { run, log } = rig({ look: [silence()], drop: [whole], cancel: [silence()] });
      const failing = expect(run()).rejects.toMatchObject({ code: 'connection-lost' });
      await vi.advanceTimersByTimeAsync(200_000);
      await failing;
      expect(log.filter((line) => line === 'gamma drop')).toHaveLength(1);
      expect(log).not.toContain('gamma take');
    });
    it('is not asked again where it is silent: an unreachable host is waited for once', async () => {
      const { run, log } = rig({ look: [silence()], drop: [silence()] });
      await expect(run()).rejects.toThrow();
      expect(log.slice(-2)).toEqual(['gamma drop', 'alpha cancel']);
    });
  });

  it('one that neither has any more is said to be gone', async () => {
    const { run } = rig({ take: [refusal()], cancel: [{ gone: 'yes' }] });
    await expect(run()).rejects.toMatchObject({ code: 'session-gone' });
  });

  it('a target that does not answer whether it took it is asked again', async () => {
    vi.useFakeTimers();
    const { run, log } = rig({ take: [silence(), silence(), { id: '7' }] });
    const running = run();
    await vi.advanceTimersByTimeAsync(10_000);
    expect((await running).session.localId).toBe('7');
    expect(log.filter((line) => line === 'gamma take')).toHaveLength(3);
    expect(log).not.toContain('alpha cancel');
  });

  it('one that never answers leaves the source halted, and says what settles it', async () => {
    vi.useFakeTimers();
    const { run, log } = rig({ take: [silence()] });
    const failing = expect(run()).rejects.toMatchObject({
      code: 'connection-lost',
      hint: expect.stringContaining('hotdesk migrate spice-vm:3@alpha --to gamma'),
    });
    await vi.advanceTimersByTimeAsync(200_000);
    await failing;
    expect(log).not.toContain('alpha cancel');
    expect(log).not.toContain('gamma drop');
    expect(log).not.toContain('alpha leave');
  });

  it('an earlier one is settled: it runs there, or goes on here', async () => {
    const there = rig({ describe: [{ pending: 'abc' }] });
    expect((await there.run()).session.host).toBe('gamma');
    expect(there.log).toEqual(['alpha describe', 'gamma take', 'alpha leave']);

    const here = rig({ describe: [{ pending: 'abc' }], take: [refusal()] });
    await expect(here.run()).rejects.toMatchObject({ hint: expect.stringContaining('again') });
    expect(here.log).toEqual(['alpha describe', 'gamma take', 'alpha cancel']);
  });
});
