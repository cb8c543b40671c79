import { describe, expect, it } from 'vitest';
import type { Clock } from '../../src/kernel/clock.ts';
import { HotdeskError } from '../../src/kernel/errors.ts';
import { runSteps } from '../../src/wizard/run.ts';
import type { Look, Step, StepId, View, WizardEvent } from '../../src/wizard/wizard.ts';

const signal = new AbortController().signal;
const TODO: Look = { state: 'todo', facts: [] };

function step(id: StepId, part: Partial<Step> = {}): Step {
  return {
    id,
    title: id,
    look: async () => TODO,
    explain: async () => ({ lines: [], questions: [] }),
    do: async () => 'done',
    verify: async () => [],
    undo: async () => [],
    ...part,
  };
}

function view(part: Partial<View> = {}) {
  const events: WizardEvent[] = [];
  const whole: View = {
    ask: async () => ({}),
    failed: async (_step, error) => {
      throw error;
    },
    event: (event) => events.push(event),
    ...part,
  };
  return { ...whole, events };
}

const failure = new HotdeskError('timeout', 'It took too long.');

describe('runSteps', () => {
  it('does what is to be done, in order, and tells', async () => {
    const done: string[] = [];
    const doing = (id: StepId) =>
      step(id, {
        do: async () => {
          done.push(id);
          return 'done';
        },
      });
    const seen = view();
    const already = step('login', { look: async () => ({ state: 'done', facts: [] }) });
    const declined = step('key', { do: async () => 'declined', verify: async () => Promise.reject(failure) });
    const { outcomes, stopped } = await runSteps([doing('host'), doing('trust'), already, declined], seen, {
      signal,
      skip: new Set(['trust']),
    });
    expect(done).toEqual(['host']);
    expect(stopped).toBe(false);
    expect([...outcomes].map(([id, { how }]) => `${id} ${how}`)).toEqual([
      'host done',
      'trust skipped',
      'login already',
      'key declined',
    ]);
    expect(seen.events.map(({ event, step: id }) => `${event} ${id}`).slice(0, 4)).toEqual([
      'step host',
      'looked host',
      'doing host',
      'outcome host',
    ]);
  });

  it('tries again when the view says so, from the look on', async () => {
    let looks = 0;
    let tries = 0;
    const shaky = step('login', {
      look: async () => {
        looks += 1;
        return TODO;
      },
      do: async () => {
        tries += 1;
        if (tries < 3) throw failure;
        return 'done';
      },
    });
    const { outcomes } = await runSteps([shaky], view({ failed: async () => 'again' }), { signal });
    expect([looks, tries]).toEqual([3, 3]);
    expect(outcomes.get('login')?.how).toBe('done');
  });

  it('goes on or stops after a failure, as the view says', async () => {
    const bad = step('key', { verify: async () => Promise.reject(failure) });
    const on = await runSteps([bad, step('proof')], view({ failed: async () => 'skip' }), { signal });
    expect([...on.outcomes.values()].map(({ how }) => how)).toEqual(['failed', 'done']);
    const off = await runSteps([bad, step('proof')], view({ failed: async () => 'stop' }), { signal });
    expect(off).toMatchObject({ stopped: true });
    expect(off.outcomes.size).toBe(0);
    await expect(runSteps([bad], view(), { signal })).rejects.toBe(failure);
  });

  it('asks nobody about a step whose need was left out', async () => {
    const blocked = step('key', {
      look: async () => ({ state: 'blocked', facts: [], why: failure, needs: 'login' }),
    });
    const { outcomes } = await runSteps([blocked], view(), { signal });
    expect(outcomes.get('key')).toMatchObject({ how: 'blocked', needs: 'login' });
  });

  it('ends with what the view throws, or as soon as it is stopped', async () => {
    const refused = new HotdeskError('confirmation-needed', 'No.');
    await expect(
      runSteps([step('key')], view({ ask: async () => Promise.reject(refused) }), { signal }),
    ).rejects.toBe(refused);
    const stop = new AbortController();
    const slow = step('key', {
      do: async () => {
        stop.abort();
        throw failure;
      },
    });
    await expect(runSteps([slow], view(), { signal: stop.signal })).rejects.toMatchObject({
      code: 'cancelled',
    });
    expect(
      (await runSteps([step('key'), step('proof')], view({ ask: async () => 'stop' }), { signal })).stopped,
    ).toBe(true);
  });

  it('is heard of at least each second', async () => {
    const clock = manualClock();
    const seen = view();
    const slow = step('key', {
      do: async (_answers, report) => {
        report('copying');
        for (let second = 0; second < 3; second += 1) clock.advance(1000);
        return 'done';
      },
    });
    await runSteps([slow], seen, { signal, clock });
    const said = seen.events.filter((event) => event.event === 'progress');
    expect(said.map(({ text }) => text)).toEqual(['copying', 'copying', 'copying', 'copying']);
    expect(said.map(({ ms }) => ms)).toEqual([0, 900, 1800, 2700]);
    clock.advance(10_000);
    expect(seen.events.filter((event) => event.event === 'progress')).toHaveLength(4);
  });
});

function manualClock(): Clock & { advance(ms: number): void } {
  let now = 0;
  let timers: { at: number; fn: () => void }[] = [];
  return {
    now: () => now,
    after: (ms, fn) => {
      const timer = { at: now + ms, fn };
      timers.push(timer);
      return () => {
        timers = timers.filter((each) => each !== timer);
      };
    },
    advance(ms) {
      const end = now + ms;
      for (;;) {
        const next = timers.filter(({ at }) => at <= end).sort((a, b) => a.at - b.at)[0];
        if (!next) break;
        timers = timers.filter((each) => each !== next);
        now = next.at;
        next.fn();
      }
      now = end;
    },
  };
}
