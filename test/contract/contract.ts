/** What every packaged profile must do on every machine: `can` says neither more nor less than what happens. */
import { randomBytes } from 'node:crypto';
import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { type Forward, forward } from '../../src/agent/forward.ts';
import { HotdeskError } from '../../src/kernel/errors.ts';
import { NAME_LIMIT, sanitise } from '../../src/kernel/text.ts';
import type { Endpoint } from '../../src/model/machine.ts';
import type { Ability, Profile } from '../../src/model/profile.ts';
import type { Session } from '../../src/model/session.ts';
import type { Backend, StartStage, ViewRequest } from '../../src/profiles/backend.ts';
import { bindBackend } from '../../src/profiles/bind.ts';
import { viewerCommand } from '../../src/profiles/view.ts';
import { launchViewer, type RunningViewer } from '../../src/viewer/launch.ts';
import { isInstalled } from '../../src/viewer/locate.ts';
import { until } from '../rigs/until.ts';
import { type Case, caseOf } from './cases.ts';
import {
  type ContractRig,
  leftovers,
  noteDisplays,
  nothingLeft,
  processesOf,
  type TestSeat,
  testSeat,
} from './rig.ts';

/** What a profile has no such step for is no test of it, and not one that was skipped. */
function stepIf(has: boolean): (name: string, body: () => Promise<void>) => void {
  return has ? (name, body) => test(name, body) : () => {};
}

export function contractFor(
  where: string,
  profile: Profile,
  makeRig: () => Promise<ContractRig>,
  toMachine: (endpoint: Endpoint & { kind: 'unix' }) => Promise<string> = async ({ path }) => path,
): void {
  describe(`${profile.name} on ${where}`, { timeout: 120_000 }, () => {
    let rig: ContractRig;
    let screen: TestSeat;
    /** What somebody sits at on the machine, for what shows that. */
    let desk: TestSeat | undefined;
    let backend: Backend;
    const viewers = new Set<RunningViewer>();
    const kind = profile.kinds[0] ?? 'app';
    const known: Case = caseOf(profile);
    const isTerminal = kind === 'terminal';
    /** What runs in a session: one with a window or screen that shows `text`. */
    const application = (text: string) =>
      known.application?.(false) ?? (kind === 'shadow' ? [] : inside(['-T', text], stay(text)));
    /** A command as the session's own, or in a terminal's window. */
    const inside = (options: readonly string[], command: readonly string[]): string[] =>
      isTerminal ? [...command] : ['xterm', ...options, '-e', ...command];
    /** Does the listing tell whose viewers they are, or only how many? */
    const isNamed = (profile.info?.watchers?.tag ?? profile.list.watchers?.tag) !== undefined;
    /** Sessions of the rig's home: the user may have others, which are none of this suite's business. */
    const mine = async () => {
      const ours = new Set(processesOf(rig.home));
      const all = (await backend.list()).filter((each) => each.backend === profile.name);
      return all.filter((each) => each.pid !== undefined && ours.has(each.pid));
    };

    beforeAll(async () => {
      rig = await makeRig();
      screen = await testSeat();
      if (kind === 'shadow') desk = await testSeat();
      backend = bindBackend(profile, rig.machine);
    });
    afterEach(async () => {
      await Promise.all([...viewers].map((viewer) => viewer.terminate()));
      viewers.clear();
      for (const left of await mine()) await backend.stop(left.localId);
      await expectNothingLeft();
    });
    afterAll(async () => {
      await screen.dispose();
      await desk?.dispose();
      await rig.dispose();
    });

    const expectNothingLeft = () => nothingLeft(rig, 8000);

    const start = async (
      text: string,
      command: readonly string[] = application(text),
      stages: StartStage[] = [],
    ) => {
      const request = { name: text, command, kind, options: options(), password: known.password };
      const session = await backend.start(request, (stage) => stages.push(stage));
      noteDisplays(rig);
      return session;
    };
    const options = () => known.options?.(desk?.seat.id ?? '') ?? {};
    /** What a session of that kind is: a command of the user's. */
    const runsCommands = kind !== 'shadow';
    /** Any program, and not one kind of them. */
    const runsAnything = runsCommands && known.application === undefined;

    const viewOf = (mode: ViewRequest['mode'], host = 'elsewhere'): ViewRequest => ({
      mode,
      options: {},
      viewer: { viewerId: randomBytes(8).toString('hex'), hostId: 'ab12'.repeat(8), host },
      password: known.password,
    });

    const attach = async (session: Session, view: ViewRequest): Promise<RunningViewer> => {
      const endpoint = await backend.endpoint(session.localId, view);
      await backend.admit?.(session.localId, view);
      const far = endpoint.kind === 'tcp' ? await portAsSocket(rig, endpoint) : undefined;
      const path = endpoint.kind === 'unix' ? await toMachine(endpoint) : far?.path;
      const command = await viewerCommand(
        profile,
        {
          view,
          session,
          ref: `${profile.name}:${session.localId}@here`,
          seat: 'x11',
          path,
          secrets: endpoint.kind === 'pty' ? undefined : endpoint.secrets,
          folder: rig.home,
          hotdesk: endpoint.kind === 'pty' ? [terminalClient(rig, endpoint)] : [],
        },
        async (program, holds) =>
          program !== 'x-terminal-emulator' && (await isInstalled(program, process.env.PATH, holds)),
      );
      const viewer = await launchViewer(command, screen.seat);
      viewers.add(viewer);
      void viewer.exited.then(() => far?.close());
      await viewer.shown;
      // A terminal emulator says nothing: the session's own listing does.
      if (!command.ready) await isWatching(session.localId, view);
      return viewer;
    };

    const watchersOf = async (localId: string) =>
      (await mine()).find((each) => each.localId === localId)?.watchers ?? [];
    const isWatching = (localId: string, view: ViewRequest) =>
      until(`${view.viewer.viewerId} is listed as watching`, async () =>
        (await watchersOf(localId)).some((watcher) => !isNamed || watcher.viewerId === view.viewer.viewerId),
      );
    const watchedBy = (localId: string, count: number) =>
      until(`${count} watch`, async () => (await watchersOf(localId)).length === count);

    test('is detected, with its version', async () => {
      expect(await backend.detect()).toEqual({ present: true, version: expect.stringMatching(/^\d+\.\d+/u) });
    });

    test('start says where it will be at once, then that it is ready; it is listed with its name', async () => {
      const stages: StartStage[] = [];
      const text = 'say "it\'s" $(touch ~/pwned) `x` ü 🎉\nsecond line; #(touch ~/pwned)';
      const session = await start(text, application('shown'), stages);
      expect(stages.map((stage) => stage.stage)).toEqual(['placed', 'ready']);
      expect(stages[0]).toMatchObject({ localId: session.localId });
      const listed = await mine();
      expect(listed).toHaveLength(1);
      expect(listed[0]).toMatchObject({
        backend: profile.name,
        localId: session.localId,
        kind,
        state: 'live',
      });
      expect(listed[0]?.watchers).toEqual([]);
      // One line, every printable character of it there (tmux itself turns . and : into _).
      expect(listed[0]?.name).toContain('ü 🎉 second line');
      expect(listed[0]?.name).toContain('"it\'s" $(touch ~/pwned) `x`');
      expect(listed[0]?.name).not.toContain('\n');
      expect(leftovers(rig).filter((left) => left.endsWith('/pwned'))).toEqual([]);
      const details = await backend.info(session.localId);
      expect(details).toMatchObject({ localId: session.localId, state: 'live' });
      expect(Object.keys(details.facts).length).toBeGreaterThan(3);
    });

    stepIf(runsAnything)('words of a command arrive as they are', async () => {
      const words = ["it's", '$HOME', 'a b', ';', 'x;', '"', '', '*', '$(id)', 'ü', '#{host}', '\\'];
      const file = join(rig.home, 'words');
      const command = ['sh', '-c', 'printf "%s\\n" "$@" >"$HOME/words"; exec sleep 600', 'sh', ...words];
      await start('words', inside([], command));
      const seen = await until('the words', async () => {
        const { stdout } = await rig.machine.exec(['cat', file]);
        return stdout.toString('utf8').split('\n').length > words.length && stdout.toString('utf8');
      });
      await rig.machine.exec(['rm', file]);
      expect(seen).toBe(`${words.join('\n')}\n`);
    });

    stepIf(runsCommands)('many started at once are as many sessions', async () => {
      const count = known.atOnce;
      const started = await Promise.all(
        Array.from({ length: count }, (_, n) => start(`many${n}`, known.application?.(true))),
      );
      expect(new Set(started.map((session) => session.localId)).size).toBe(count);
      const listed = await mine();
      expect(listed.map((session) => session.name).sort()).toEqual(started.map((each) => each.name).sort());
      await Promise.all(started.map((session) => backend.stop(session.localId)));
      expect(await mine()).toEqual([]);
    });

    stepIf(known.byHand !== undefined)(
      'sessions that somebody started by hand are listed and can be stopped',
      async () => {
        const byHand =
          typeof known.byHand === 'function' ? known.byHand(desk?.seat.id ?? '') : (known.byHand ?? '');
        await rig.machine.exec([
          'sh',
          '-c',
          `{ ${byHand}${byHand.endsWith('&') ? '' : ';'} } >/dev/null 2>&1 </dev/null`,
        ]);
        const found = await until('the session is listed', async () =>
          (await mine()).find((session) => session.name === 'byhand'),
        );
        expect(found.state).toBe('live');
        if (profile.can.includes('rename')) {
          // Where its name is not kept beside it, that is said.
          const refusal = await failure(backend.rename(found.localId, 'a b')).catch(() => undefined);
          if (refusal) expect(refusal).toMatchObject({ code: 'not-supported' });
          expect((await mine()).map((each) => each.name)).toEqual([refusal ? 'byhand' : 'a b']);
        }
        await backend.stop(found.localId);
        expect(await mine()).toEqual([]);
      },
    );

    test('a viewer shows it, is listed by its id and host, and detach ends it and not the session', async () => {
      const session = await start('seen');
      const view = viewOf('take', 'beta');
      const viewer = await attach(session, view);
      await until('its window', async () => (await screen.windows()).includes('seen'));
      await isWatching(session.localId, view);
      expect(await watchersOf(session.localId)).toEqual([
        isNamed ? { viewerId: view.viewer.viewerId, hostId: view.viewer.hostId, host: 'beta' } : {},
      ]);
      if (profile.can.includes('thumbnail')) {
        const picture = await backend.thumbnail(session.localId);
        if (picture.kind === 'png') expect(picture.data.subarray(1, 4).toString()).toBe('PNG');
        else expect(picture.text).toContain('seen');
      }
      await backend.detach(session.localId);
      await viewer.exited;
      await until('nobody watches', async () => (await watchersOf(session.localId)).length === 0);
      expect((await mine()).map((each) => each.state)).toEqual(['live']);
      // And nothing is wrong with detaching nobody.
      await backend.detach(session.localId);
    });

    test(`a second viewer that takes: ${profile.steals}`, async () => {
      const session = await start('taken');
      const first = await attach(session, viewOf('take', 'one'));
      const second = viewOf('take', 'two');
      await attach(session, second);
      if (profile.steals === 'shares') {
        await watchedBy(session.localId, 2);
        return;
      }
      await first.exited;
      await until('only the second watches', async () => {
        const watchers = await watchersOf(session.localId);
        return watchers.length === 1 && (!isNamed || watchers[0]?.viewerId === second.viewer.viewerId);
      });
    });

    for (const mode of ['share', 'readonly'] as const) {
      if (!profile.can.includes(mode) || known.isVariant) continue;
      test(`a second viewer by ${mode} leaves the first; one that takes: ${profile.steals}`, async () => {
        const session = await start('shared');
        const one = viewOf('take', 'one');
        const two = viewOf(mode, 'two');
        const first = await attach(session, one);
        const second = await attach(session, two);
        await isWatching(session.localId, one);
        await isWatching(session.localId, two);
        await watchedBy(session.localId, 2);
        if (profile.steals === 'shares') return;
        const three = viewOf('take', 'three');
        await attach(session, three);
        await Promise.all([first.exited, second.exited]);
        await isWatching(session.localId, three);
        await watchedBy(session.localId, 1);
      });
    }

    stepIf(!known.isVariant)('a viewer that is killed leaves the session, and nobody is listed', async () => {
      const session = await start('crash');
      const view = viewOf('take');
      const viewer = await attach(session, view);
      await isWatching(session.localId, view);
      process.kill(viewer.pid, 'SIGKILL');
      await viewer.exited;
      await until('nobody watches', async () => (await watchersOf(session.localId)).length === 0);
    });

    const canExec = profile.can.includes('exec-into');
    stepIf(canExec)('a further command runs inside the session', async () => {
      const session = await start('into');
      const mark = join(rig.home, 'mark');
      await backend.execInto(session.localId, [
        'sh',
        '-c',
        // What is run on somebody's own display is theirs, and stays.
        `echo "$1" >${mark}${runsCommands ? '; exec sleep 600' : ''}`,
        'sh',
        "it's $X",
      ]);
      await until(
        'the mark',
        async () => (await rig.machine.exec(['cat', mark])).stdout.toString() === "it's $X\n",
      );
      await rig.machine.exec(['rm', mark]);
      await expect(backend.execInto(session.localId, ['no-such-program-at-all'])).rejects.toMatchObject({
        code: 'application-missing',
      });
    });

    const canRename = profile.can.includes('rename') && !known.isVariant;
    stepIf(canRename)('a session is renamed, and who looks at it sees no change', async () => {
      const session = await start('before');
      const view = viewOf('take');
      const viewer = await attach(session, view);
      await isWatching(session.localId, view);
      const nameNow = async () => (await mine()).find((each) => each.localId === session.localId)?.name;
      const hostile = 'say "it\'s" $(touch ~/pwned) `x` ü 🎉\nsecond; #(touch ~/pwned) #{host} %H';
      const names = ['after', hostile, '-x', "'", '*', 'é'.repeat(5000)];
      for (const name of names.map((each) => sanitise(each, NAME_LIMIT))) {
        await backend.rename(session.localId, name);
        expect(await nameNow()).toBe(name);
      }
      // tmux keeps the sign that ends its commands to itself, and writes a backslash as two.
      await backend.rename(session.localId, '\\a;');
      expect(await nameNow()).toMatch(/^\\{1,2}a[;_]$/u);
      await backend.rename(session.localId, 'mine');
      expect(leftovers(rig).filter((left) => left.endsWith('/pwned'))).toEqual([]);
      expect(await backend.info(session.localId)).toMatchObject({ name: 'mine' });
      expect(process.kill(viewer.pid, 0)).toBe(true);
      await isWatching(session.localId, view);
      if (runsCommands && known.atOnce > 1) {
        const other = await start('other');
        const taken = await failure(backend.rename(other.localId, 'mine')).catch(() => undefined);
        if (taken)
          expect(taken).toMatchObject({ code: 'name-taken', message: expect.stringContaining('mine') });
        const listed = (await mine()).map((each) => each.name).sort();
        expect(listed).toEqual(taken ? ['mine', 'other'] : ['mine', 'mine']);
        await backend.stop(other.localId);
      }
      const next = viewOf('take', 'next');
      await attach(session, next);
      await isWatching(session.localId, next);
      if (profile.steals === 'displaces') await viewer.exited;
    });

    stepIf(runsCommands)('an application that is not there is named, and nothing is left', async () => {
      const error = await failure(start('missing', ['no-such-program-at-all']));
      expect(error).toMatchObject({ code: 'application-missing' });
      expect(error.message).toContain('no-such-program-at-all');
      expect(error.hint).toBeTruthy();
    });

    stepIf(runsCommands)(
      'an application that ends at once is told with its own words, and nothing is left',
      async () => {
        const { command, says } = known.ends ?? {
          command: ['sh', '-c', 'echo "cannot open the moon" >&2; exit 3'],
          says: 'cannot open the moon',
        };
        const error = await failure(start('ends', command));
        expect(error).toMatchObject({ code: 'application-exited' });
        expect(error.message).toContain(says);
        expect(await mine()).toEqual([]);
      },
    );

    test('a start that is cancelled at any moment leaves nothing', async () => {
      for (const ms of known.cancelledAfterMs ?? [0, 5, 40, 300, 700]) {
        const controller = new AbortController();
        const starting = backend.start(
          {
            name: 'cancelled',
            command: application('cancelled'),
            kind,
            options: options(),
            password: known.password,
          },
          () => {},
          controller.signal,
        );
        setTimeout(() => controller.abort(), ms);
        const error = await failure(starting).catch(() => undefined);
        // A terminal may be ready before that; then it is an ordinary session.
        if (error) expect(error.code).toBe('cancelled');
        else for (const session of await mine()) await backend.stop(session.localId);
        await expectNothingLeft();
      }
    });

    stepIf(runsAnything)('the session ends when its application ends', async () => {
      const mark = join(rig.home, 'go');
      const wait = ['sh', '-c', `while [ ! -e ${mark} ]; do sleep 0.1; done`];
      const command = inside([], wait);
      const session = await start('short', command);
      expect(await mine()).toHaveLength(1);
      if (profile.words) expect(await backend.words(session.localId)).toEqual(command);
      await rig.machine.exec(['touch', mark]);
      const gone = async () => (await failure(backend.info(session.localId)).catch(() => undefined))?.code;
      await until('it is gone', async () => (await gone()) === 'session-gone');
      await rig.machine.exec(['rm', mark]);
    });

    stepIf(!known.isVariant)('a session that is gone is said to be gone by every verb', async () => {
      const id = known.missing;
      const verbs: readonly [Ability | 'info', () => Promise<unknown>][] = [
        ['info', () => backend.info(id)],
        ['attach', () => backend.endpoint(id, viewOf('take'))],
        ['detach', () => backend.detach(id)],
        ['stop', () => backend.stop(id)],
        ['thumbnail', () => backend.thumbnail(id)],
        ['exec-into', () => backend.execInto(id, ['true'])],
        ['rename', () => backend.rename(id, 'x')],
      ];
      for (const [name, verb] of verbs) {
        const code = name === 'info' || profile.can.includes(name) ? 'session-gone' : 'not-supported';
        await expect(verb(), name).rejects.toMatchObject({ code });
      }
    });

    stepIf(!known.isVariant)('a name of 10 kB is cut, not refused', async () => {
      const long = await start('x'.repeat(10_000), application('y'.repeat(10_000)));
      const [listed] = await mine();
      expect(listed?.localId).toBe(long.localId);
      expect(listed?.name.length).toBeLessThanOrEqual(160);
      expect(listed?.title?.length ?? 0).toBeLessThanOrEqual(400);
    });
  });
}

/** Prints `text` and stays. */
function stay(text: string): string[] {
  return ['sh', '-c', 'printf "%s\\n" "$1"; exec sleep 600', 'sh', text];
}

/** A viewer connects to a socket of this machine, as it does where the session is afar. */
function portAsSocket(rig: ContractRig, endpoint: Endpoint & { kind: 'tcp' }): Promise<Forward> {
  const path = join(rig.home, '.cache', `${randomBytes(4).toString('hex')}.sock`);
  return forward(path, { open: (signal) => rig.machine.open(endpoint, signal), holdMs: 0 });
}

/** A program for a terminal emulator that does what `hotdesk attach` does: the session's own client, on this terminal. */
function terminalClient(rig: ContractRig, endpoint: Endpoint & { kind: 'pty' }): string {
  const file = join(rig.home, '.cache', `attach-${randomBytes(4).toString('hex')}`);
  const words = endpoint.argv.map((word) => `'${word.replaceAll("'", `'\\''`)}'`).join(' ');
  writeFileSync(
    file,
    `#!/bin/sh\nexport HOME=${rig.home} TMUX_TMPDIR=${rig.home} SCREENDIR=${rig.home}/screens\nexec ${words}\n`,
  );
  chmodSync(file, 0o700);
  return file;
}

async function failure(work: Promise<unknown>): Promise<HotdeskError> {
  const error: unknown = await work.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (error instanceof HotdeskError) return error;
  throw new Error(`an error was expected, not ${String(error)}`);
}
