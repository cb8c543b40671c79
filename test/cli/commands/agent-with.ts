/** A command line and the fake agent that it asks. */
import { afterEach } from 'vitest';
import type { Snapshot } from '../../../src/protocol/api.ts';
import { type FakeRequest, fakeAgent } from '../../client/fake-agent.ts';
import { sample, session } from '../samples.ts';
import { type Around, hotdesk } from '../shell.ts';

export const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

type Methods = Readonly<Record<string, unknown>>;

/** An agent that answers by method: a value, or a function of the request. */
export async function agentWith(methods: Methods, snapshot: Snapshot = sample()) {
  const all: Methods = { catalogue: snapshot, subscribe: snapshot, 'seat.register': {}, ...methods };
  const agent = await fakeAgent({
    answer: (request: FakeRequest) => {
      const answer = all[request.method];
      return typeof answer === 'function' ? answer(request) : answer;
    },
  });
  cleanups.push(() => agent.close());
  const run = (line: string, around: Partial<Around> = {}) =>
    hotdesk(wordsOf(line), { paths: agent.paths, ...around });
  const asked = (method: string) =>
    agent.received.filter((m) => m.method === method).map((m) => m.params as Record<string, unknown>);
  return { run, asked, agent };
}

export const xterm = session('xterm', 'alpha');
export const build = session('build', 'gamma', { backend: 'tmux', localId: '3', kind: 'terminal' });
export const viewer = {
  ...{ id: 'v1', ref: xterm.ref, hostKey: 'k-alpha', backend: 'xpra', localId: '100', seat: ':7' },
  ...{ since: 1, state: 'shown' },
};
export const display = { env: { DISPLAY: ':7' } };

/** A shell's words, of which only an empty one is quoted. */
function wordsOf(line: string): string[] {
  return line
    .split(' ')
    .filter(Boolean)
    .map((word) => (word === "''" ? '' : word));
}
