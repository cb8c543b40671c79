import { describe, expect, it } from 'vitest';
import { PlainTalk } from '../../../src/cli/setup/plain.ts';
import { Results } from '../../../src/cli/setup/results.ts';
import { TerminalView } from '../../../src/cli/setup/terminal-view.ts';
import { HotdeskError } from '../../../src/kernel/errors.ts';
import { runSteps } from '../../../src/wizard/run.ts';
import type { Answers, Question, Step } from '../../../src/wizard/wizard.ts';
import { stepOf } from './step.ts';
import { FakeTerminal } from './terminal.ts';

const signal = new AbortController().signal;

function rig(steps: readonly Step[], given: Answers = {}) {
  const terminal = new FakeTerminal();
  const results = new Results();
  const called = (hint: string) => hint.replace('hotdesk', './bin/hotdesk.js');
  const view = new TerminalView({ talk: new PlainTalk(terminal.streams), results, given, asCalled: called });
  return { terminal, results, view, run: runSteps(steps, view, { signal }) };
}

const asks = (...questions: readonly Question[]): Partial<Step> => ({
  explain: async () => ({ lines: [{ kind: 'text', text: 'This is why.' }], questions }),
});
const confirm = (id: string, part: Partial<Question> = {}): Question =>
  ({ id, kind: 'confirm', text: `${id}?`, default: false, ...part }) as Question;

describe('TerminalView', () => {
  it('explains, asks what is to be asked, and hands the answers on', async () => {
    const got: Answers[] = [];
    const isOnly: Partial<Question> = { when: (answers) => answers['key.new'] === true };
    const step = stepOf('key', {
      ...asks(confirm('key.new'), confirm('key.more', isOnly), confirm('key.less', { when: () => false })),
      do: async (answers) => {
        got.push(answers);
        return 'done';
      },
    });
    const { terminal, results, run } = rig([step]);
    await terminal.answer('This is why.\nkey.new? [y/N]', 'y\n');
    await terminal.answer('key.more? [y/N]', '\n');
    await run;
    expect(got).toEqual([{ 'key.new': true, 'key.more': false }]);
    expect(results.rows).toMatchObject([{ step: 'key', outcome: 'done', lines: ['key is so.'] }]);
    expect(results.exitCode).toBe(0);
  });

  it('does not ask for what was given, unless that is no answer', async () => {
    const { terminal, run } = rig([stepOf('key', asks(confirm('a'), confirm('b')))], { a: true, b: 'what' });
    await terminal.answer('b? [y/N]', 'n\n');
    await run;
    expect(terminal.text).not.toContain('a?');
  });

  it('asks for a new password twice, until both are the same', async () => {
    const question: Question = { id: 'p', kind: 'password', text: 'Passphrase', repeat: true };
    let got: unknown;
    const keep = async (answers: Answers) => {
      got = answers.p;
      return 'done' as const;
    };
    const { terminal, run } = rig([stepOf('key', { ...asks(question), do: keep })]);
    await terminal.answer('Passphrase (not shown):', 'one\r');
    await terminal.answer('The same again (not shown):', 'two\r');
    await terminal.answer('not the same', '');
    await terminal.answer('Passphrase (not shown):', 'one\r');
    await terminal.answer('The same again (not shown):', 'one\r');
    await run;
    expect(got).toBe('one');
    expect(terminal.text).not.toContain('one\n');
  });

  it('stops where the person stops, with what was done done', async () => {
    const did: string[] = [];
    const note = (name: string) => async () => {
      did.push(name);
      return 'done' as const;
    };
    const steps = [
      stepOf('trust', { do: note('trust') }),
      stepOf('key', { ...asks(confirm('a')), do: note('key') }),
      stepOf('proof', { do: note('proof') }),
    ];
    const { terminal, run } = rig(steps);
    await terminal.shows('a? [y/N]');
    terminal.hangUp();
    expect((await run).stopped).toBe(true);
    expect(did).toEqual(['trust']);
  });

  it('offers what failed again, with a hint that works here', async () => {
    let tries = 0;
    const step = stepOf('login', {
      do: async () => {
        tries += 1;
        if (tries === 1) throw new HotdeskError('auth-failed', 'No.', { hint: 'Run `hotdesk doctor a`.' });
        return 'done';
      },
    });
    const { terminal, results, run } = rig([step]);
    await terminal.answer('Warning: No.\nRun `./bin/hotdesk.js doctor a`.', '');
    await terminal.answer('1. Try again', '1\n');
    await run;
    expect(results.rows).toMatchObject([{ outcome: 'done' }]);
  });

  it('goes on without what failed, and remembers it in the exit code', async () => {
    const fail = async () => {
      throw new HotdeskError('auth-failed', 'No.');
    };
    const { terminal, results, run } = rig([stepOf('login', { do: fail }), stepOf('proof')]);
    await terminal.answer('Number [1]:', '2\n');
    await run;
    expect(results.rows.map((row) => row.outcome)).toEqual(['failed', 'done']);
    expect(results.exitCode).toBe(5);
  });

  it('says what was found once', async () => {
    const fact = { kind: 'fact', text: 'SHA256:abc' } as const;
    const step = stepOf('trust', {
      look: async () => ({ state: 'todo', facts: [fact] }),
      explain: async () => ({ lines: [fact, { kind: 'text', text: 'Look.' }], questions: [] }),
    });
    const { terminal, run } = rig([step]);
    await run;
    expect(terminal.text.match(/SHA256:abc/gu)).toHaveLength(1);
    expect(terminal.text).toContain('SHA256:abc\nLook.');
  });

  it('draws nothing while the terminal is lent', async () => {
    const { terminal, view } = rig([]);
    const progress = { event: 'progress', step: 'machine', text: 'installing', ms: 1 } as const;
    await view.lend(async () => view.event(progress));
    expect(terminal.text).toBe('');
    view.event(progress);
    expect(terminal.text).toContain('installing');
  });
});
