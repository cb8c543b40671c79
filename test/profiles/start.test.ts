import { expect, test } from 'vitest';
import { HotdeskError } from '../../src/kernel/errors.ts';
import type { StartRequest, StartStage } from '../../src/profiles/backend.ts';
import { bindBackend } from '../../src/profiles/bind.ts';
import { type Answer, fakeMachine } from './fake-machine.ts';
import { smallProfile } from './small-profile.ts';

const request: StartRequest = { name: 'n\nm', command: ['run', 'a b'], kind: 'app', options: {} };

function backendOf(
  answer: (verb: string, argv: readonly string[], signal?: AbortSignal) => Answer | Promise<Answer>,
) {
  const verbs: string[] = [];
  const { machine, ran } = fakeMachine((argv, options) => {
    verbs.push(argv[1] ?? '');
    return answer(argv[1] ?? '', argv, options.signal);
  });
  return { backend: bindBackend(smallProfile(), machine), verbs, ran };
}

const placed: Answer = { stdout: 'motd\n@place=7\n@path=/run/small-7\n' };

test('it is placed, then ready; the endpoint is told with the place', async () => {
  const { backend, ran } = backendOf((verb) => (verb === 'launch' ? placed : {}));
  const stages: StartStage[] = [];
  const session = await backend.start(request, (stage) => stages.push(stage));
  expect(stages).toEqual([
    { stage: 'placed', localId: '7', endpoint: { kind: 'unix', path: '/run/small-7' } },
    { stage: 'ready', localId: '7' },
  ]);
  expect(session).toMatchObject({ backend: 'small', localId: '7', name: 'n m', kind: 'app', state: 'live' });
  expect(ran[0]?.argv.slice(3)).toEqual(['n m', 'run', 'a b', '--no-sound']);
  expect(ran[1]?.argv).toEqual(['smallctl', 'wait', '7', 'run', 'a b']);
});

test('what lets a viewer in is told with the place, and to nothing that runs', async () => {
  const secret = smallProfile((text) =>
    text
      .replace(
        'ready: { argv: [smallctl, wait,',
        "ready: { argv: [smallctl, wait, '{word}', '{viewerComes}',",
      )
      .replace('endpoint: { kind: unix', 'secrets: [word]\n  endpoint: { kind: unix')
      .replace("argv: [smallview, '{path}',", "files: { pw: { text: '{word}' } }\n    argv: [smallview,"),
  );
  const { machine, ran } = fakeMachine((argv) =>
    argv[1] === 'launch' ? { stdout: `${placed.stdout}@word=sesame\n` } : {},
  );
  const stages: StartStage[] = [];
  const comes = { ...request, viewerComes: true };
  await bindBackend(secret, machine).start(comes, (stage) => stages.push(stage));
  expect(stages[0]).toMatchObject({ endpoint: { path: '/run/small-7', secrets: { word: 'sesame' } } });
  expect(ran[1]?.argv.slice(2, 4)).toEqual(['', 'true']);
});

test('a taken place is tried again elsewhere, and each failure is undone', async () => {
  let tries = 0;
  const { backend, verbs } = backendOf((verb) => {
    if (verb === 'launch') return placed;
    if (verb !== 'wait') return {};
    tries += 1;
    return tries < 3 ? { code: 92, stderr: 'taken' } : {};
  });
  await backend.start(request, () => {});
  expect(verbs).toEqual(['launch', 'wait', 'undo', 'launch', 'wait', 'undo', 'launch', 'wait']);
});

test('and not for ever', async () => {
  const { backend, verbs } = backendOf((verb) => (verb === 'launch' ? { code: 92, stderr: 'taken' } : {}));
  await expect(backend.start(request, () => {})).rejects.toMatchObject({ code: 'display-taken' });
  expect(verbs).toEqual(['launch', 'undo', 'launch', 'undo', 'launch', 'undo']);
});

test('an application that ended is told by its name with its own words, made safe', async () => {
  const { backend, verbs } = backendOf((verb) =>
    verb === 'launch'
      ? placed
      : verb === 'wait'
        ? { code: 91, stderr: '\u001b]0;x\u0007cannot open\u202e display\n' }
        : {},
  );
  const error: unknown = await backend.start(request, () => {}).catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({
    code: 'application-exited',
    message: expect.stringMatching(/^run ended at once: .*cannot open display/u),
  });
  expect(verbs.slice(-2)).toEqual(['undo', '-c']);
});

test.each(["hotdesk: 8: cd: can't cd to /none\n", 'hotdesk: line 8: cd: /none: No such file or directory\n'])(
  'a folder that is not there is named, whatever shell says so: %j',
  async (stderr) => {
    const { backend } = backendOf((verb) => (verb === 'launch' ? { code: 93, stderr } : {}));
    await expect(backend.start({ ...request, cwd: '/none' }, () => {})).rejects.toMatchObject({
      code: 'start-failed',
      message: 'There is no folder /none that it could run in.',
      hint: 'Give one of that host: `--cwd FOLDER`.',
    });
  },
);

test('cancelled while it waits: undone before the error comes', async () => {
  const controller = new AbortController();
  const { backend, verbs } = backendOf((verb, _argv, signal) => {
    if (verb === 'launch') return placed;
    if (verb === 'undo') return {};
    return new Promise((resolve) => {
      signal?.addEventListener('abort', () => resolve(new HotdeskError('cancelled', 'Stopped.')));
      controller.abort();
    });
  });
  await expect(backend.start(request, () => {}, controller.signal)).rejects.toMatchObject({
    code: 'cancelled',
  });
  expect(verbs).toEqual(['launch', 'wait', 'undo']);
});

test('cancelled during the launch: that is let come to its end, then undone', async () => {
  const controller = new AbortController();
  const { backend, verbs, ran } = backendOf((verb) => {
    if (verb === 'launch') controller.abort();
    return verb === 'launch' ? placed : {};
  });
  await expect(backend.start(request, () => {}, controller.signal)).rejects.toMatchObject({
    code: 'cancelled',
  });
  expect(verbs).toEqual(['launch', 'undo']);
  expect(ran[0]?.options.signal).toBeUndefined();
});

test('where the undo does not come either, it is said that what was begun may go on', async () => {
  const lost = new HotdeskError('connection-lost', 'The connection broke.', { hint: 'Look at it.' });
  const { backend, verbs } = backendOf((verb) => (verb === 'launch' ? placed : lost));
  await expect(backend.start(request, () => {})).rejects.toMatchObject({
    code: 'connection-lost',
    message: 'The connection broke.',
    hint: expect.stringMatching(/^Look at it\. It may have begun on alpha all the same: see `hotdesk list`/u),
  });
  expect(verbs).toEqual(['launch', 'wait', 'undo']);
});

test.each(['launch', 'wait'])('where the %s takes too long, it is said what to do', async (slow) => {
  const late = new HotdeskError('timeout', 'A command on alpha took longer than 30 s.');
  const { backend, verbs } = backendOf((verb) => (verb === slow ? late : verb === 'launch' ? placed : {}));
  await expect(backend.start(request, () => {})).rejects.toMatchObject({
    code: 'timeout',
    message: 'run was not ready: A command on alpha took longer than 30 s.',
    hint: expect.stringMatching(/`hotdesk doctor HOST`.*`--backend`/u),
  });
  expect(verbs).toContain('undo');
});

test('so it is where a start is cancelled, and not where undo fails by itself', async () => {
  for (const [answer, hint] of [
    [new HotdeskError('timeout', 'No answer.'), expect.stringContaining('may have begun on alpha')],
    [{ code: 1 }, undefined],
  ] as const) {
    const controller = new AbortController();
    const { backend } = backendOf((verb) => {
      if (verb === 'launch') controller.abort();
      return verb === 'launch' ? placed : answer;
    });
    await expect(backend.start(request, () => {}, controller.signal)).rejects.toMatchObject({
      code: 'cancelled',
      hint,
    });
  }
});

test('a place that is not said, and a path that is none, are errors', async () => {
  const mute = backendOf(() => ({}));
  await expect(mute.backend.start(request, () => {})).rejects.toMatchObject({ code: 'start-failed' });
  const odd = backendOf((verb) => (verb === 'launch' ? { stdout: '@place=7\n@path=relative\n' } : {}));
  await expect(odd.backend.start(request, () => {})).rejects.toMatchObject({ code: 'output-unparsable' });
});

test('requests that cannot be are refused before anything runs', async () => {
  const { backend, verbs } = backendOf(() => ({}));
  const cases: [Partial<StartRequest>, string][] = [
    [{ command: [] }, 'bad-argument'],
    [{ command: ['a\0b'] }, 'bad-argument'],
    [{ kind: 'vm' }, 'not-supported'],
    [{ options: { nope: 1 } }, 'bad-option'],
  ];
  for (const [change, code] of cases) {
    await expect(backend.start({ ...request, ...change }, () => {})).rejects.toMatchObject({ code });
  }
  expect(verbs).toEqual([]);
});

test('a start that fails where the host is full says that, and what to do', async () => {
  let asked = 0;
  const { backend, verbs } = backendOf((verb) => {
    if (verb === 'launch') return { code: 93, stderr: 'sh: printf: I/O error' };
    // A shell script: the look at the disk.
    if (verb === '-c') {
      asked += 1;
      return { stdout: 'motd\nhotdesk-full:/run/user/1\nhotdesk-full:/tmp\n' };
    }
    return {};
  });
  await expect(backend.start(request, () => {})).rejects.toMatchObject({
    code: 'start-failed',
    message: expect.stringMatching(/^alpha has no room left in \/run\/user\/1 and \/tmp: /u),
    hint: expect.stringContaining('df -h /run/user/1'),
  });
  expect([asked, verbs.at(-1)]).toEqual([1, '-c']);
});

test('and where it is not, or cannot tell, the error is what it was', async () => {
  for (const answer of [{}, new Error('broken')]) {
    const { backend } = backendOf((verb) =>
      verb === 'launch' ? { code: 93, stderr: 'no' } : verb === '-c' ? answer : {},
    );
    await expect(backend.start(request, () => {})).rejects.toMatchObject({
      code: 'command-failed',
      message: expect.stringContaining('ended with 93: no'),
      hint: expect.stringContaining('hotdesk doctor alpha'),
    });
  }
});
