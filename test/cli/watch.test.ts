import { afterEach, describe, expect, it } from 'vitest';
import type { Snapshot } from '../../src/protocol/api.ts';
import { type FakeAgent, fakeAgent } from '../client/fake-agent.ts';
import { until } from '../rigs/until.ts';
import { COLOURS } from './obeyed.ts';
import { sample, session } from './samples.ts';
import { hotdesk } from './shell.ts';

let agent: FakeAgent | undefined;
afterEach(() => agent?.close());

/** Watches through these changes, then the agent goes away. */
async function watched(line: string, changes: readonly Snapshot[], columns?: number) {
  const fake = await fakeAgent({
    answer: ({ method }) => (method === 'subscribe' || method === 'catalogue' ? changes[0] : undefined),
  });
  agent = fake;
  const running = hotdesk(line.split(' '), {
    paths: fake.paths,
    ...(columns === undefined ? {} : { columns }),
  });
  await until('the subscription', () => fake.received.some((m) => m.method === 'catalogue'));
  for (const data of changes.slice(1)) fake.broadcast({ event: 'catalogue', data });
  // After every event, in order, comes something that ends it.
  fake.broadcast({ bad: true });
  return running;
}

const one = sample({ sessions: [session('one', 'alpha')] });
const two = sample({ sessions: [session('one', 'alpha'), session('two', 'gamma')] });

describe('list --watch', () => {
  it('gives a line of JSON a change, and none for what is the same', async () => {
    const { stdout, code } = await watched('list --watch --json', [one, one, two, { ...two }]);
    const lines = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { sessions?: unknown[] });
    expect(lines.map((line) => line.sessions?.length)).toEqual([1, 2, undefined]);
    expect(code).toBe(1);
  });

  it('gives a table a change where there is no terminal', async () => {
    const { stdout } = await watched('list alpha --watch', [one, two]);
    expect(stdout.match(/HOST/gu)).toHaveLength(1);
    expect(stdout).not.toContain('two');
  });

  it('draws over what it drew on a terminal', async () => {
    const { stdout } = await watched('list --watch', [one, two], 60);
    const text = stdout.replaceAll(COLOURS, '');
    const up = '\u001b[2A\r';
    const [first = '', second = ''] = text.split(up);
    expect(first).toMatch(/HOST.*\n.*one.*\n/u);
    expect(second).toMatch(/HOST.*\n.*one.*\n.*two.*\n/u);
    expect(text.endsWith('\u001b[0J')).toBe(true);
  });
});
