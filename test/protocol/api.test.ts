import { describe, expect, it } from 'vitest';
import { APPS } from '../../src/protocol/api/apps.ts';
import { CONSOLES } from '../../src/protocol/api/consoles.ts';
import { LOOKING } from '../../src/protocol/api/looking.ts';
import { PEERS } from '../../src/protocol/api/peers.ts';
import { SEATS } from '../../src/protocol/api/seats.ts';
import { SESSIONS } from '../../src/protocol/api/sessions.ts';
import { SETTINGS } from '../../src/protocol/api/settings.ts';
import { TRUST } from '../../src/protocol/api/trust.ts';
import { METHODS } from '../../src/protocol/api.ts';

describe('the table of methods', () => {
  it('has every topic, and no method of one hides that of another', () => {
    const topics = [APPS, CONSOLES, LOOKING, PEERS, SEATS, SESSIONS, SETTINGS, TRUST];
    expect(Object.keys(METHODS).sort()).toEqual(topics.flatMap((topic) => Object.keys(topic)).sort());
  });
});

describe('what a caller may send', () => {
  const at = { seat: 'tray', options: {} };

  it.each([
    ['a file of more than a file can be', 'console.open', { ...at, data: 'A'.repeat(100_001) }],
    ['a file that is no base64', 'console.open', { ...at, data: 'a b' }],
    ['a session without a name', 'attach', { ...at, ref: '', mode: 'take' }],
    ['a way to open that is none', 'attach', { ...at, ref: 'firefox', mode: 'steal' }],
    [
      'a terminal that would be more than a word of TERM',
      'terminal.open',
      { ref: 'a', mode: 'take', options: {}, term: 'xterm;x', columns: 80, rows: 24 },
    ],
    ['a terminal without columns', 'terminal.resize', { viewerId: 'v', columns: 0, rows: 24 }],
    ['nothing to run', 'execInto', { ref: 'a', command: [] }],
    ['a wait without an end', 'catalogue', { look: 'auto', waitMs: 60_001 }],
    [
      'more answers than questions can be',
      'prompts.answer',
      { id: 'p', answers: Array.from({ length: 17 }, () => '') },
    ],
    [
      'more viewers than a machine has',
      'viewers.announce',
      { viewers: Array.from({ length: 1001 }, () => ({ viewerId: 'v', backend: 'tmux', localId: '1' })) },
    ],
  ] as const)('is not %s', (_, method, params) => {
    expect(METHODS[method].params.safeParse(params).success).toBe(false);
  });

  it('is what a view sends', () => {
    expect(METHODS['console.open'].params.parse({ ...at, data: 'QUJD' })).toEqual({ ...at, data: 'QUJD' });
    expect(METHODS.attach.params.parse({ options: {}, ref: 'firefox', mode: 'share' })).toMatchObject({
      mode: 'share',
    });
  });
});
