import { describe, expect, it } from 'vitest';
import { Results } from '../../../src/cli/setup/results.ts';
import { ScriptedView } from '../../../src/cli/setup/scripted-view.ts';
import { HotdeskError } from '../../../src/kernel/errors.ts';
import { runSteps } from '../../../src/wizard/run.ts';
import type { Answers, Question, Step } from '../../../src/wizard/wizard.ts';
import { stepOf } from './step.ts';

const signal = new AbortController().signal;
const question: Question = { id: 'key.new', kind: 'confirm', text: 'A new key?', default: false };

function rig(steps: readonly Step[], given: Answers = {}, yes = false) {
  const said: string[] = [];
  const results = new Results();
  const view = new ScriptedView(given, yes, results, (text) => void said.push(text));
  return { results, said, run: runSteps(steps, view, { signal, skip: new Set(['proof']) }) };
}

const asking = (byYes?: boolean) =>
  stepOf('key', {
    explain: async () => ({
      lines: [],
      questions: [byYes === undefined ? question : { ...question, byYes }],
    }),
  });

describe('ScriptedView', () => {
  it('takes what was given, and what --yes may agree to', async () => {
    await rig([asking()], { 'key.new': true }).run;
    const { results, run, said } = rig([stepOf('machine'), asking(true), stepOf('proof')], {}, true);
    await run;
    expect(results.rows.map(({ step, outcome }) => [step, outcome])).toEqual([
      ['machine', 'done'],
      ['key', 'done'],
      ['proof', 'skipped'],
    ]);
    expect(said).toContain('1/3 The machine');
    // What the command line left out is not spoken of.
    expect(said.join()).not.toContain('left out');
  });

  it('ends at the first question that nobody answered', async () => {
    for (const yes of [false, true]) {
      const { results, run } = rig(
        [stepOf('machine'), asking(yes ? undefined : true), stepOf('agent')],
        {},
        yes,
      );
      const error = await run.catch((thrown: HotdeskError) => thrown);
      expect(error).toMatchObject({ code: 'confirmation-needed' });
      results.broken(error as HotdeskError, 5);
      expect(results.rows.map(({ step, outcome }) => [step, outcome])).toEqual([
        ['machine', 'done'],
        ['key', 'failed'],
      ]);
      expect(results.exitCode).toBe(2);
    }
  });

  it('ends at the first step that fails', async () => {
    const fail = async () => {
      throw new HotdeskError('auth-failed', 'No.');
    };
    const { run } = rig([stepOf('login', { do: fail }), stepOf('key')]);
    await expect(run).rejects.toMatchObject({ code: 'auth-failed' });
  });
});
