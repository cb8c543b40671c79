import { beforeEach, describe, expect, it } from 'vitest';
import type { Client } from '../../src/client/client.ts';
import { HotdeskError } from '../../src/kernel/errors.ts';
import { Acts, type ActsDeps } from '../../src/tray/acts.ts';
import type { MenuAction } from '../../src/tray/menu/model.ts';
import { sample } from '../cli/samples.ts';
import { session } from './samples.ts';

let calls: unknown[][];
let said: unknown[][];
let answer: (method: string, params: unknown) => Promise<unknown>;

beforeEach(() => {
  calls = [];
  said = [];
  answer = async () => ({});
});

function acts(more: Partial<ActsDeps> = {}): Acts {
  const client = {
    call: (method: string, params: unknown) => {
      calls.push([method, params]);
      return answer(method, params);
    },
  } as unknown as Client;
  const note =
    (what: string) =>
    (...rest: unknown[]) =>
      void said.push([what, ...rest]);
  return new Acts({
    client: () => client,
    seat: () => ':0',
    snapshot: () => sample(),
    all: async () => [session('a', 'alpha', { localId: '1' }), session('b', 'alpha', { localId: '2' })],
    openTerminal: note('terminal'),
    ask: async () => `sh -c 'echo "a b"'`,
    onWork: note('work'),
    onFailure: (what, error) => said.push(['failed', what, error.message]),
    onUsed: note('used'),
    answer: note('answer'),
    startAgent: note('start-agent'),
    quit: note('quit'),
    ...more,
  });
}

const REF = 'xpra:100@alpha';

describe('what an item asks of the agent', () => {
  it.each<[MenuAction, unknown[]]>([
    [{ do: 'open', ref: REF, mode: 'take' }, ['attach', { ref: REF, mode: 'take', seat: ':0', options: {} }]],
    [
      { do: 'open', ref: REF, mode: 'readonly' },
      ['attach', { ref: REF, mode: 'readonly', seat: ':0', options: {} }],
    ],
    [
      { do: 'open-at', ref: REF, seat: ':1' },
      ['attach', { ref: REF, mode: 'take', seat: ':1', options: {} }],
    ],
    [{ do: 'send', ref: REF, to: 'k-gamma' }, ['move', { ref: REF, to: 'k-gamma', options: {} }]],
    [{ do: 'detach', ref: REF }, ['detach', { ref: REF }]],
    [{ do: 'stop', ref: REF }, ['stop', { ref: REF }]],
    [{ do: 'rename', ref: REF }, ['rename', { ref: REF, name: `sh -c 'echo "a b"'` }]],
    [{ do: 'look', host: 'k-alpha' }, ['catalogue', { look: 'none', host: 'k-alpha', waitMs: 0 }]],
    [
      { do: 'start-terminal', host: 'k-alpha' },
      ['start', { host: 'k-alpha', command: [], kind: 'terminal', options: {}, attach: true, seat: ':0' }],
    ],
    [
      { do: 'run-command', host: 'k-alpha' },
      [
        'start',
        { host: 'k-alpha', command: ['sh', '-c', 'echo "a b"'], options: {}, attach: true, seat: ':0' },
      ],
    ],
  ])('%o', async (action, call) => {
    await acts().run(action);
    expect(calls).toEqual([call]);
    expect(said.filter(([what]) => what === 'failed')).toEqual([]);
  });

  it('starts an application, and remembers that it was used', async () => {
    await acts().run({ do: 'start', host: 'k-alpha', app: 'gimp' });
    expect(calls[0]?.[1]).toMatchObject({ host: 'k-alpha', app: 'gimp', attach: true });
    expect(said).toEqual([['used', 'k-alpha', 'gimp']]);
  });

  it('opens terminals with the names of hosts as words behind the options', async () => {
    const hostile = sample({ hosts: [{ ...sample().hosts[1], name: '--help', key: 'k' } as never] });
    const all = acts({ snapshot: () => hostile });
    for (const action of ['set-up', 'show-apps'] as const) await all.run({ do: action, host: 'k' });
    await all.run({ do: 'show-list' });
    expect(said).toEqual([
      ['terminal', ['setup', '--', '--help'], true],
      ['terminal', ['apps', '--', '--help'], true],
      ['terminal', ['list', '--watch'], false],
    ]);
  });

  it('a name that is not given, or not another, changes nothing; without a dialog a terminal asks', async () => {
    const name = sample().sessions.find(({ ref }) => ref === REF)?.name ?? '';
    const asked: unknown[][] = [];
    for (const typed of [undefined, '  ', name]) {
      const ask: ActsDeps['ask'] = async (...question) => {
        asked.push(question);
        return typed;
      };
      await acts({ ask }).run({ do: 'rename', ref: REF });
    }
    expect(asked[0]).toEqual(['Rename', `New name of ${name} on alpha:`, name]);
    const ask = async () => {
      throw new HotdeskError('command-missing', 'Nothing can ask.');
    };
    await acts({ ask }).run({ do: 'rename', ref: REF });
    expect(calls).toEqual([]);
    expect(said.filter(([what]) => what === 'terminal')).toEqual([['terminal', ['rename', '--', REF], true]]);
  });
});

describe('what happens meanwhile', () => {
  it('is said while it is under way, and a second click changes nothing', async () => {
    let done: (value: unknown) => void = () => {};
    answer = () => new Promise((resolve) => (done = resolve));
    const all = acts();
    const first = all.run({ do: 'stop', ref: REF });
    await all.run({ do: 'stop', ref: REF });
    expect(calls).toHaveLength(1);
    expect(said).toEqual([['work', REF, 'ending']]);
    done({});
    await first;
    expect(said.at(-1)).toEqual(['work', REF, undefined]);
  });

  it('is told when it fails, and not when the user gave up', async () => {
    answer = async () => {
      throw new HotdeskError('session-gone', 'It is gone.');
    };
    await acts().run({ do: 'detach', ref: REF });
    expect(said).toContainEqual(['failed', 'xterm on alpha', 'It is gone.']);
    said = [];
    answer = async () => {
      throw new HotdeskError('cancelled', 'Stopped.');
    };
    await acts().run({ do: 'detach', ref: REF });
    await acts({ ask: async () => undefined }).run({ do: 'run-command', host: 'k-alpha' });
    expect(said.filter(([what]) => what === 'failed')).toEqual([]);
  });

  it('is told that there is no display', async () => {
    await acts({ seat: () => undefined }).run({ do: 'open', ref: REF, mode: 'take' });
    expect(said).toContainEqual(['failed', 'xterm on alpha', 'There is no display here to show it on.']);
  });
});

describe('what is for all', () => {
  it('does each in turn, and the others when one fails', async () => {
    answer = async (_method, params) => {
      if ((params as { ref: string }).ref.includes('xpra:1@'))
        throw new HotdeskError('session-busy', 'Busy.');
      return {};
    };
    await acts().run({ do: 'bring-all' });
    expect(calls.map(([, params]) => (params as { ref: string }).ref)).toEqual([
      'xpra:1@alpha',
      'xpra:2@alpha',
    ]);
    expect(said).toContainEqual(['failed', 'Bring all here', 'Busy.']);
  });
});

describe('opening a host by RDP', () => {
  const open = { do: 'open-host', host: 'k-alpha' } as const;

  it('asks the agent', async () => {
    await acts().run(open);
    expect(calls).toEqual([['console.host', { host: 'k-alpha', options: {}, seat: ':0' }]]);
    expect(said).toEqual([]);
  });

  it('that nobody has said yes to goes on in a terminal, which shows its certificate', async () => {
    answer = async () => {
      throw new HotdeskError('host-key-unknown', 'new');
    };
    await acts().run(open);
    expect(said).toEqual([['terminal', ['open', '--', 'alpha'], true]]);
  });

  it('with another certificate is refused', async () => {
    answer = async () => {
      throw new HotdeskError('host-key-changed', 'other');
    };
    await acts().run(open);
    expect(said).toEqual([['failed', 'alpha', 'other']]);
  });
});
