/** How a run ends, and what it says of how to go on; whole runs are in test/lab/setup.test.ts. */
import { PassThrough, Writable } from 'node:stream';
import { afterEach, describe, expect, it } from 'vitest';
import { SetupJson } from '../../../src/cli/json.ts';
import { conduct, lastWords } from '../../../src/cli/setup/conduct.ts';
import type { SetupFlags } from '../../../src/cli/setup/flags.ts';
import { Results } from '../../../src/cli/setup/results.ts';
import { undo } from '../../../src/cli/setup/undo.ts';
import { Run, type Shell } from '../../../src/cli/shell.ts';
import { HotdeskError } from '../../../src/kernel/errors.ts';
import { pathsOf } from '../../../src/protocol/paths.ts';
import type { Setup } from '../../../src/wizard/setup.ts';
import type { Outcome, Step, StepId } from '../../../src/wizard/wizard.ts';
import { client } from '../../wizard/rig.ts';
import { stepOf } from './step.ts';

const ends: (() => void)[] = [];
afterEach(() => {
  for (const end of ends.splice(0)) end();
});

const RIGHT = `SHA256:${'a'.repeat(43)}`;
const OTHER = `SHA256:${'b'.repeat(43)}`;
const failure = new HotdeskError('timeout', 'It took too long.', { hint: 'Is it on?' });

class Caught extends Writable {
  text = '';
  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.text += chunk.toString();
    done();
  }
}

function runOf(flags: SetupFlags) {
  const [stdout, stderr] = [new Caught(), new Caught()];
  const shell: Shell = {
    ...{ env: {}, cwd: '/', uid: 0, paths: pathsOf({ HOME: '/nonexistent' }, 0), exitCode: 0 },
    streams: { stdin: new PassThrough().end(), stdout, stderr },
    agentProgram: ['/nonexistent/agent'],
    callName: () => 'hotdesk',
  };
  const run = new Run(shell, flags);
  run.interrupt.listen();
  ends.push(() => run.end());
  return { run, shell, stdout, stderr };
}

interface Around {
  readonly steps: readonly Step[];
  readonly flags?: SetupFlags;
  readonly host?: string;
  /** What the wizard calls the host, once it has found it. */
  readonly name?: string;
  readonly hasChanges?: Setup['hasChanges'];
  /** Before it begins. */
  readonly before?: (shell: Shell) => void;
}

async function conducted({ steps, flags = { yes: true }, host, name, hasChanges, before }: Around) {
  const { run, shell, stdout, stderr } = runOf(flags);
  const seen = { created: 0, closed: 0 };
  before?.(shell);
  const error = await conduct(run, host, flags, () => {
    seen.created += 1;
    return {
      steps,
      name: () => name,
      hasChanges: hasChanges ?? (async () => true),
      close: async () => {
        seen.closed += 1;
      },
    };
  }).catch((thrown: HotdeskError) => thrown);
  return { ...seen, error, code: shell.exitCode, stdout: stdout.text, stderr: stderr.text };
}

/** A step `trust` that meets this key, and one that logs in. */
function meeting(fingerprint: string, state: 'done' | 'todo') {
  const done: StepId[] = [];
  const doing = (id: StepId) => async () => {
    done.push(id);
    return 'done' as const;
  };
  const facts = [{ kind: 'fact' as const, text: `ssh-ed25519 ${fingerprint}` }];
  const trust = stepOf('trust', { look: async () => ({ state, facts }), do: doing('trust') });
  return { done, steps: [trust, stepOf('login', { do: doing('login') })] };
}

describe('--host-key', () => {
  it.each(['done', 'todo'] as const)(
    'ends the run before the login where another key is met (%s)',
    async (state) => {
      const { done, steps } = meeting(OTHER, state);
      const flags = { yes: true, json: true, hostKey: RIGHT };
      const { code, stdout, closed } = await conducted({ steps, flags, name: 'alpha' });
      expect(done).not.toContain('login');
      expect(closed).toBe(1);
      const json = SetupJson.parse(JSON.parse(stdout));
      expect(json.error).toMatchObject({ code: 'host-key-changed', message: expect.stringContaining(OTHER) });
      expect(code).toBe(5);
    },
  );

  it('is why the run ended, whatever else it had to ask by then', async () => {
    const { steps } = meeting(OTHER, 'todo');
    const asking = stepOf('trust', {
      ...steps[0],
      explain: async () => ({
        lines: [],
        questions: [{ id: 'trust.other', kind: 'confirm', text: 'Go on?', default: false }],
      }),
    });
    const { error } = await conducted({ steps: [asking], flags: { yes: true, hostKey: RIGHT } });
    expect(error).toMatchObject({ code: 'host-key-changed' });
  });

  it('lets the run go on where it is the one that was said', async () => {
    const { done, steps } = meeting(RIGHT, 'done');
    const { error, code } = await conducted({ steps, flags: { yes: true, hostKey: RIGHT } });
    expect([error, code]).toEqual([undefined, 0]);
    expect(done).toEqual(['login']);
  });

  it('is no use where nobody looks at the key: with --skip trust nothing is begun', async () => {
    const { done, steps } = meeting(OTHER, 'done');
    const flags: SetupFlags = { yes: true, hostKey: RIGHT, skip: ['trust'] };
    const { error, created } = await conducted({ steps, flags });
    expect(error).toMatchObject({ code: 'bad-argument', message: expect.stringContaining('--skip trust') });
    expect([created, done]).toEqual([0, []]);
  });
});

describe('Ctrl-C', () => {
  const interrupted = () => process.emit('SIGINT', 'SIGINT');

  it('before the run had begun: it does not begin', async () => {
    const { done, steps } = meeting(RIGHT, 'todo');
    const { error, closed } = await conducted({ steps, before: interrupted });
    expect(error).toMatchObject({ code: 'cancelled', message: 'Stopped.' });
    expect([closed, done]).toEqual([1, []]);
  });

  it('before anything had been taken back: nothing is', async () => {
    const user = client({ host: '127.0.0.1', port: 1 });
    ends.push(user.remove);
    const { run } = runOf({ yes: true });
    interrupted();
    const undone = undo(run, 'alpha', { yes: true }, (view) => ({
      ...user.deps,
      ...view,
      agent: user.deps.agent,
    }));
    await expect(undone).rejects.toMatchObject({ code: 'cancelled' });
  });

  it('in the middle is told as that, and not as what came of it', async () => {
    const slow = stepOf('key', {
      do: async () => {
        interrupted();
        throw failure;
      },
    });
    const { error, closed } = await conducted({ steps: [slow], name: 'alpha' });
    expect(error).toMatchObject({ code: 'cancelled', message: 'Stopped.' });
    expect(closed).toBe(1);
  });
});

describe('a run that ends with an error', () => {
  const steps = [stepOf('login'), stepOf('key', { verify: () => Promise.reject(failure) }), stepOf('proof')];
  const hintOf = async (around: Partial<Around>) => {
    const { error } = await conducted({ steps, ...around });
    return error instanceof HotdeskError ? error.hint : undefined;
  };

  it('says how to go on and how to go back, by the name that the wizard found', async () => {
    const { error, closed } = await conducted({ steps, host: 'al', name: 'alpha' });
    expect(error).toMatchObject({ code: 'timeout', message: 'It took too long.', cause: failure });
    expect(closed).toBe(1);
    expect(await hintOf({ host: 'al', name: 'alpha' })).toBe(
      'Is it on? Another run goes on from here: `hotdesk setup alpha`. What was done can be taken back: `hotdesk setup --undo alpha`.',
    );
  });

  it('speaks of going back only where there may be anything to take back', async () => {
    expect(await hintOf({ host: 'alpha', hasChanges: async () => false })).toContain('Nothing was changed.');
    expect(await hintOf({})).toMatch(/`hotdesk setup`\. Nothing was changed\.$/u);
    // A journal that cannot be read may hold something.
    expect(await hintOf({ host: 'alpha', hasChanges: () => Promise.reject(failure) })).toContain(
      '--undo alpha',
    );
  });

  it('is told with --json beside the steps up to there, and is in the exit code', async () => {
    const { error, code, stdout } = await conducted({ steps, host: 'al', flags: { yes: true, json: true } });
    expect(error).toBeUndefined();
    expect(code).toBe(9);
    const json = SetupJson.parse(JSON.parse(stdout));
    expect(json.host).toBe('al');
    expect(json.steps.map(({ step, outcome }) => `${step} ${outcome}`)).toEqual(['login done', 'key failed']);
    expect(json.steps[1]?.error?.code).toBe('timeout');
    expect(json.error?.hint).toContain('hotdesk setup al');
  });
});

it('a run that came through tells its steps with --json, and on a terminal what can be done now', async () => {
  const all = [stepOf('login'), stepOf('key', { do: async () => 'declined' as const })];
  const told = await conducted({ steps: all, name: 'alpha', flags: { yes: true, json: true } });
  const json = SetupJson.parse(JSON.parse(told.stdout));
  expect(json.steps.map(({ outcome }) => outcome)).toEqual(['done', 'declined']);
  expect(json.error).toBeUndefined();
  // After a command that had failed for want of it.
  const before = (shell: Shell) => {
    shell.exitCode = 4;
  };
  const { stderr, code, closed } = await conducted({ steps: all, name: 'alpha', before });
  expect(stderr).toContain('alpha is ready.');
  expect([code, closed]).toEqual([0, 1]);
});

describe('the last words', () => {
  const wordsAfter = (...outcomes: readonly [StepId, Outcome['how']][]) => {
    const results = new Results();
    for (const [step, how] of outcomes) {
      const outcome = { how, error: failure, lines: [] } as unknown as Outcome;
      results.event({ event: 'outcome', step, outcome, ms: 1 });
    }
    return lastWords(results, 'alpha');
  };

  it('call a host ready by its login, and name what was left out', () => {
    expect(wordsAfter(['login', 'already'], ['key', 'done'])).not.toContain('Left out');
    expect(wordsAfter(['login', 'done'], ['key', 'declined'], ['proof', 'skipped'])).toMatch(
      /^alpha is ready\.[\s\S]*Left out: key, proof\. To take it up: `hotdesk setup alpha`[\s\S]*--undo alpha`$/u,
    );
  });

  it('call one to which nobody could log in not set up, and offer nothing to start there', () => {
    const words = wordsAfter(['trust', 'done'], ['login', 'failed']);
    expect(words).toBe('alpha is not set up.\nLeft out: login. To take it up: `hotdesk setup alpha`');
  });
});
