/** The two ends of the way, and what a viewer is led to. The order of the steps is in migrate.test.ts. */
import { type Duplex, duplexPair, PassThrough } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { ActionContext } from '../../src/actions/context.ts';
import { Journey, type Said } from '../../src/actions/journey.ts';
import { HotdeskError } from '../../src/kernel/errors.ts';
import type { Host } from '../../src/model/host.ts';
import type { Viewer } from '../../src/model/viewer.ts';
import type { Backend } from '../../src/profiles/backend.ts';
import { fakes, HOST, sessionOf } from './fake-context.ts';

const TO: Host = { ...HOST, key: 'G', hostId: 'G', name: 'gamma' };
const viewer: Viewer = {
  ...{ id: 'v0', ref: 'vm:3@alpha', hostKey: 'A', backend: 'vm', localId: '3' },
  ...{ seat: ':0', since: 0, state: 'shown' },
};

type Opening = () => Promise<Duplex>;
type Step = (told: Said) => Promise<Said> | Said;

function rig(steps: Record<string, Step> = {}, opening: { near?: Opening; far?: Opening } = {}) {
  const fake = fakes(['vm']);
  const log: string[] = [];
  const streams: Record<string, Duplex> = {};
  const open = async (at: { path?: string; port?: number }, how: Opening | undefined) => {
    const to = at.path ?? `port ${at.port}`;
    log.push(`open ${to}`);
    const stream = (await how?.()) ?? new PassThrough();
    streams[to] = stream;
    return stream;
  };
  const all: Record<string, Step> = {
    receive: () => ({ socket: '/in' }),
    send: () => ({ carry: '/out' }),
    look: () => ({ state: 'sent' }),
    take: () => ({ id: '7' }),
    ...steps,
  };
  let connect: ((signal: AbortSignal) => Promise<unknown>) | undefined;
  const redirect = {
    port: undefined as number | undefined,
    done: (host: Host, { localId }: { localId: string }) => {
      log.push(`done ${host.name} ${localId}`);
      return viewer;
    },
    undo: () => void log.push('undo'),
  };
  const context: ActionContext = Object.assign(Object.create(fake.context) as ActionContext, {
    backend: async (host: Host) =>
      ({
        machine: {
          open: (at: object) => open(at, host.key === 'G' ? opening.far : opening.near),
        },
        migrate: async (step: string, told: Said) => {
          log.push(`${host.name} ${step}`);
          return (await all[step]?.(told)) ?? {};
        },
      }) as unknown as Backend,
    viewers: {
      of: () => fake.viewers,
      redirect: (_id: string, _backend: Backend, lead: typeof connect) => {
        connect = lead;
        return redirect;
      },
    },
  });
  const hosts = { from: HOST, to: TO };
  const journey = new Journey(context, 'vm', hosts, { migrationId: 'm', localId: '3' }, []);
  const stop = new AbortController();
  const reports: string[] = [];
  return {
    ...{ fake, log, streams, journey, stop, reports, redirect },
    connect: () => connect?.(stop.signal),
    depart: () => journey.depart(stop.signal, (text) => reports.push(text)),
  };
}

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

describe('what goes from one to the other', () => {
  it('is what the source sends to the socket that the target receives at, and both end when it is taken', async () => {
    const [near, source] = duplexPair();
    const [far, target] = duplexPair();
    const { depart, log } = rig(
      {
        take: async () => {
          source.write('memory');
          await vi.advanceTimersByTimeAsync(1);
          return { id: '7', got: String(target.read()) };
        },
      },
      { near: async () => near, far: async () => far },
    );
    expect(await depart()).toEqual({ id: '7', got: 'memory' });
    expect(log.filter((line) => line.startsWith('open'))).toEqual(['open /in', 'open /out']);
    expect([near.destroyed, far.destroyed]).toEqual([true, true]);
  });

  it('has ended before the target is told to drop it', async () => {
    const { depart, streams, log } = rig({
      look: () => ({ state: 'failed', why: ' the line is cut \n' }),
      drop: () => {
        log.push(`ended: ${streams['/in']?.destroyed} ${streams['/out']?.destroyed}`);
        return {};
      },
    });
    await expect(depart()).rejects.toMatchObject({
      code: 'command-failed',
      message: 'It could not be sent: the line is cut.',
      hint: 'It goes on at alpha.',
    });
    expect(log.slice(-3)).toEqual(['gamma drop', 'ended: true true', 'alpha cancel']);
  });

  it('leaves no end open where the source cannot be reached for it', async () => {
    const far = new PassThrough();
    const refusal = new HotdeskError('connection-refused', 'Nothing answers.');
    const { depart } = rig({}, { far: async () => far, near: () => Promise.reject(refusal) });
    await expect(depart()).rejects.toBe(refusal);
    expect(far.destroyed).toBe(true);
  });

  it("fails where the target's end breaks before the source's is there, and takes nothing down with it", async () => {
    const far = new PassThrough();
    const near = new PassThrough();
    const { depart, log } = rig(
      {},
      {
        far: async () => far,
        near: async () => {
          far.destroy(new Error('read ECONNRESET'));
          await vi.advanceTimersByTimeAsync(1);
          return near;
        },
      },
    );
    await expect(depart()).rejects.toMatchObject({ code: 'connection-lost' });
    expect(near.destroyed).toBe(true);
    expect(log.slice(-2)).toEqual(['gamma drop', 'alpha cancel']);
  });
});

describe('while it is sent', () => {
  it('the target hears every three seconds that it is still wanted', async () => {
    let isSent = false;
    const { depart, log } = rig({ look: () => ({ state: isSent ? 'sent' : 'sending' }) });
    const running = depart();
    await vi.advanceTimersByTimeAsync(9500);
    isSent = true;
    await vi.advanceTimersByTimeAsync(400);
    await running;
    const beats = log.filter((line) => line === 'gamma beat').length;
    expect(beats).toBeGreaterThanOrEqual(3);
    expect(beats).toBeLessThanOrEqual(4);
  });

  it('it can be stopped, and no timer is left', async () => {
    const { depart, stop, log } = rig({ look: () => ({ state: 'sending' }) });
    const refused = expect(depart()).rejects.toMatchObject({ code: 'cancelled' });
    await vi.advanceTimersByTimeAsync(1000);
    stop.abort();
    await vi.advanceTimersByTimeAsync(0);
    await refused;
    expect(log.slice(-2)).toEqual(['gamma drop', 'alpha cancel']);
    expect(log).not.toContain('gamma take');
  });

  it('what a step put out is told to all after it, and what was said first stays', async () => {
    const told: Said[] = [];
    const { depart } = rig({
      describe: () => ({ folder: '/s', localId: 'another', migrationId: 'another' }),
      take: (values) => {
        told.push(values);
        return { id: '7' };
      },
    });
    await depart();
    expect(told[0]).toMatchObject({ folder: '/s', localId: '3', migrationId: 'm', follow: 'no' });
  });
});

describe('the viewer here', () => {
  const later = { receive: () => ({ socket: '/in', view: 'later' }) };

  it.each([
    ['a socket that the target names later', { viewPath: '/console' }, '/console'],
    ['a port that it names later', { viewPort: '5901' }, 'port 5901'],
  ])('is led to %s', async (_what, said, at) => {
    const { depart, fake, connect, log } = rig({ ...later, beat: () => said });
    fake.viewers.push(viewer);
    await depart();
    await connect();
    expect(log.at(-1)).toBe(`open ${at}`);
  });

  it('is led to the socket that the target made for it, without another question', async () => {
    const { depart, fake, connect, log } = rig({ receive: () => ({ socket: '/in', view: '/view' }) });
    fake.viewers.push(viewer);
    await depart();
    const before = log.length;
    await connect();
    expect(log.slice(before)).toEqual(['open /view']);
  });

  it.each(['', '0', '65536', '80x', '-1', '1.5'])('is led to no port “%s”', async (viewPort) => {
    const { depart, fake, connect, log } = rig({ ...later, beat: () => ({ viewPort }) });
    fake.viewers.push(viewer);
    await depart();
    await expect(connect()).rejects.toMatchObject({ code: 'output-unparsable' });
    expect(log.filter((line) => line.startsWith('open port'))).toEqual([]);
  });

  it('is asked for a console until the target has one', async () => {
    let console: Said = {};
    const { depart, fake, connect, log } = rig({ ...later, beat: () => console });
    fake.viewers.push(viewer);
    await depart();
    await expect(connect()).rejects.toMatchObject({ code: 'output-unparsable' });
    console = { viewPort: '5901' };
    await connect();
    expect(log.at(-1)).toBe('open port 5901');
  });

  it('is not led where there are two, nor where the target makes no place for it', async () => {
    const two = rig({ receive: () => ({ socket: '/in', view: '/view' }) });
    two.fake.viewers.push(viewer, { ...viewer, id: 'v1' });
    await two.depart();
    expect(two.connect()).toBeUndefined();
    expect(two.journey.shown.viewers.map(({ id }) => id)).toEqual(['v0', 'v1']);

    const none = rig();
    none.fake.viewers.push(viewer);
    await none.depart();
    expect(none.connect()).toBeUndefined();
    expect(await none.journey.followed({}, sessionOf())).toBeUndefined();
  });

  it('that is not on the screen yet is none', async () => {
    const { depart, fake, connect } = rig({ receive: () => ({ socket: '/in', view: '/view' }) });
    fake.viewers.push({ ...viewer, state: 'opening' });
    await depart();
    expect(connect()).toBeUndefined();
  });

  it('that has followed is not opened anew', async () => {
    const { depart, fake, journey, log } = rig({
      receive: () => ({ socket: '/in', view: '/view' }),
    });
    fake.viewers.push(viewer);
    const taken = await depart();
    expect(await journey.followed({ ...taken, followed: 'yes' }, sessionOf({ localId: '7' }))).toBe(viewer);
    expect(log.at(-1)).toBe('done gamma 7');
    expect(journey.shown.viewers).toEqual([]);
  });

  it('is waited for eight seconds, though the source is silent by then', async () => {
    const { depart, fake, journey, log } = rig({
      receive: () => ({ socket: '/in', view: '/view' }),
      look: () => {
        if (log.includes('gamma take')) throw new HotdeskError('connection-lost', 'Gone.');
        return { state: 'sent' };
      },
    });
    fake.viewers.push(viewer);
    const taken = await depart();
    const following = journey.followed(taken, sessionOf());
    await vi.advanceTimersByTimeAsync(7500);
    expect(log).not.toContain('undo');
    await vi.advanceTimersByTimeAsync(1000);
    expect(await following).toBeUndefined();
    expect(log.at(-1)).toBe('undo');
    expect(journey.shown.viewers.map(({ id }) => id)).toEqual(['v0']);
  });
});
