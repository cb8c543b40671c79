import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { withPatience } from '../../src/agent/patience.ts';
import { HotdeskError } from '../../src/kernel/errors.ts';
import type { Prompter, PromptRequest } from '../../src/ssh/ssh.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const late = new HotdeskError('timeout', 'late');
const question = {} as PromptRequest;
const signal = new AbortController().signal;

test('ends what takes too long', async () => {
  const ended = withPatience(1000, late, undefined, () => new Promise(() => {})).catch(
    (error: unknown) => error,
  );
  await vi.advanceTimersByTimeAsync(1000);
  expect(await ended).toBe(late);
});

test('waits for a person as long as it takes, and counts on from there', async () => {
  let answer: (answers: readonly string[]) => void = () => {};
  const person: Prompter = { ask: () => new Promise((resolve) => (answer = resolve)) };
  const steps: string[] = [];
  const ended = withPatience(1000, late, person, async (_signal, prompter) => {
    await new Promise((resolve) => setTimeout(resolve, 600));
    steps.push('asking');
    await prompter?.ask(question, signal);
    steps.push('answered');
    await new Promise(() => {});
  }).catch((error: unknown) => error);
  await vi.advanceTimersByTimeAsync(600);
  await vi.advanceTimersByTimeAsync(3_600_000);
  expect(steps).toEqual(['asking']);
  answer(['yes']);
  await vi.advanceTimersByTimeAsync(350);
  expect(steps).toEqual(['asking', 'answered']);
  await vi.advanceTimersByTimeAsync(50);
  expect(await ended).toBe(late);
});

test('leaves no timer behind', async () => {
  expect(await withPatience(1000, late, undefined, async () => 7)).toBe(7);
  expect(vi.getTimerCount()).toBe(0);
});
