import type { Command } from 'commander';
import { beforeAll, describe, expect, it } from 'vitest';
import { COMMANDS } from '../../../src/cli/commands.ts';
import { candidatesFor, type Names } from '../../../src/cli/completion/candidates.ts';
import { buildProgram } from '../../../src/cli/program.ts';
import { shellOf } from '../../../src/cli/shell.ts';
import { host, session } from '../samples.ts';

const names: Names = {
  hosts: [host('alpha'), host('gamma', { state: 'unreachable' }), host('office', { state: 'rdp-only' })],
  sessions: [
    session('xterm', 'alpha'),
    session('build', 'alpha'),
    session('build', 'gamma'),
    session('twin', 'gamma', { localId: '1' }),
    session('twin', 'gamma', { localId: '2' }),
  ],
  profiles: [
    { name: 'xpra', title: 'Xpra' },
    { name: 'tmux', title: 'tmux' },
  ],
  settings: [{ key: 'advertise', doc: 'What is told.' }],
};
let program: Command;
beforeAll(async () => {
  program = await buildProgram(
    shellOf(process),
    COMMANDS.filter((entry) => !entry.hidden),
  );
});

async function after(line: string): Promise<string[]> {
  const found = await candidatesFor(program, line.split(' '), {
    names: async () => names,
    apps: async (host) => (host === 'alpha' ? [{ id: 'org.x.Calc', name: 'Rechner' }] : []),
  });
  return found.map(({ value }) => value);
}

describe('what can follow', () => {
  it.each([
    ['at', ['attach']],
    ['start ', ['alpha', 'gamma']],
    ['trust ', ['alpha', 'gamma', 'office']],
    ['start ga', ['gamma']],
    ['attach ', ['xterm', 'build@alpha', 'build@gamma', 'xpra:1@gamma', 'xpra:2@gamma']],
    ['move xterm --to ', ['alpha', 'gamma']],
    ['move --to alpha x', ['xterm', 'xpra:1@gamma', 'xpra:2@gamma']],
    ['start alpha --backend t', ['tmux']],
    ['start alpha -k ', ['app', 'desktop', 'terminal']],
    ['list --w', ['--watch']],
    ['list --json --js', []],
    ['agent st', ['start', 'stop', 'status']],
    ['hosts a', ['add']],
    ['hosts remove ', ['alpha', 'gamma', 'office']],
    ['profiles show x', ['xpra']],
    ['profiles test xpra --host ', ['alpha', 'gamma']],
    ['config set a', ['advertise']],
    // A file that begins so is the shell's to complete.
    ['open ', ['office']],
    ['completion ', ['bash', 'zsh', 'fish']],
    ['start alpha --app ', ['org.x.Calc']],
    ['start gamma --app ', []],
    ['start --app ', []],
    ['start alpha -- xt', []],
    ['profiles check ', []],
    ['setup al', ['alpha']],
    ['setup alpha --skip pr', ['proof']],
    ['setup --un', ['--undo']],
    ['nosuch ', []],
  ])('after `hotdesk %s`', async (line, expected) => {
    expect(await after(line)).toEqual(expected);
  });

  it('is every command at the start, and asks the agent for none of it', async () => {
    const found = await candidatesFor(program, [''], {
      names: () => Promise.reject(new Error('asked')),
      apps: () => Promise.reject(new Error('asked')),
    });
    expect(found.map(({ value }) => value)).toEqual(
      expect.arrayContaining(['list', 'move', 'config', 'help']),
    );
    expect(found.every(({ description }) => description !== '')).toBe(true);
  });
});
