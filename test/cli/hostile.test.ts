/** Nothing that a stranger wrote is obeyed by the terminal, whatever command shows it. */
import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Snapshot } from '../../src/protocol/api.ts';
import { type FakeAgent, fakeAgent } from '../client/fake-agent.ts';
import { COLOURS, OBEYED } from './obeyed.ts';
import { host, sample, session } from './samples.ts';
import { hotdesk } from './shell.ts';

let agent: FakeAgent;
let text = '';

/** Every field that comes from elsewhere is the hostile text. */
function snapshot(): Snapshot {
  const title = text.slice(0, 300);
  const evil = session(text.slice(0, 100), 'alpha', {
    ...{ host: text, title, command: title, watchers: [{ host: text }, { hostId: text }] },
  });
  const problem = { code: text, message: text, hint: text };
  const bad = host(text, {
    ...{ key: 'k-bad', hostName: text, state: 'unreachable', problem },
    ...{ backends: { xpra: text }, addresses: [{ address: text.slice(0, 60), family: 4 }] },
  });
  return sample({ hosts: [...sample().hosts, bad], sessions: [evil, ...sample().sessions] });
}

function answer(method: string): unknown {
  const [evil] = snapshot().sessions;
  switch (method) {
    case 'catalogue':
      return snapshot();
    case 'info':
      return { session: evil, facts: { [text || 'x']: text } };
    case 'stop':
    case 'rename':
      return { session: evil };
    case 'thumbnail':
      return { session: evil, text };
    case 'doctor':
      return { checks: [{ name: text, state: 'warning', detail: text, hint: text }] };
    case 'trust.scan':
      return { host: text, type: text, fingerprint: text, state: 'unknown' };
    case 'profiles.show':
      return {
        profile: { name: 'p', title: text, file: text, kinds: [text], can: [], steals: '' },
        text,
        options: [],
      };
    case 'detach':
      return { error: { code: 'ambiguous', message: text, hint: text, candidates: [text] } };
    default:
      return undefined;
  }
}

beforeAll(async () => {
  agent = await fakeAgent({ answer: ({ method }) => answer(method) });
});
afterAll(() => agent.close());

const LINES = [
  'list',
  'list --json',
  'hosts',
  'hosts --json',
  'info x',
  'info x --json',
  'stop x --yes',
  'rename x y',
  'thumbnail x',
  'doctor',
  'trust x',
  'profiles show x',
  'detach x',
  'detach x --json',
];

const pieces = fc.constantFrom(
  ...[
    '\u001b]0;owned\u0007',
    '\u001b[2J',
    '\u009b5m',
    '\u202egnp',
    '\n\r',
    '\u{e0041}',
    '\u200b',
    '\t',
    '\u0085',
  ],
  ...['plain', '日本', '👩‍👩‍👧', '{"a":1}', ' '],
);

it('no control, escape or invisible character of a title reaches stdout or stderr', async () => {
  const hostile = fc.array(fc.oneof(pieces, fc.string({ unit: 'binary', maxLength: 6 })), { maxLength: 12 });
  await fc.assert(
    fc.asyncProperty(hostile, fc.boolean(), async (parts, isTerminal) => {
      text = parts.join('').toWellFormed();
      for (const line of LINES) {
        const columns = isTerminal ? { columns: 60, input: 'n\n' } : {};
        const { stdout, stderr } = await hotdesk(line.split(' '), { paths: agent.paths, ...columns });
        const shown = `${stdout}${stderr}`.replaceAll(COLOURS, '').replaceAll('\n', '');
        expect(shown, line).not.toMatch(OBEYED);
        // A colour of the text's own would show in a file too.
        if (!isTerminal) expect(`${stdout}${stderr}`, line).not.toContain('\u001b');
      }
    }),
    { numRuns: 25 },
  );
}, 30_000);
