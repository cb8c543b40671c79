import { describe, expect, it } from 'vitest';
import { nextCommands } from '../../scripts/lib/next-commands.mjs';

const first = (commands: readonly string[], hasDisplay: boolean) =>
  nextCommands({
    call: 'hotdesk',
    host: 'alpha',
    hasCommand: (command) => commands.includes(command),
    hasDisplay,
  })[0];

const xpra = ['xpra', 'Xvfb', 'xauth'];

describe('nextCommands', () => {
  it('are three', () => {
    const lines = nextCommands({ call: 'hotdesk', host: 'a', hasCommand: () => true, hasDisplay: true });
    expect(lines.map((line) => line.split(/\s+/u)[2])).toEqual(['start', 'setup', 'doctor']);
  });

  it('start an application that is installed, where a window can be shown', () => {
    expect(first([...xpra, 'tmux', 'xterm'], true)).toMatch(/^ {2}hotdesk start alpha -- xterm {2}#/u);
    expect(first([...xpra, 'tmux', 'firefox'], true)).toContain('-- firefox');
  });

  it.each([
    ['no display', [...xpra, 'tmux', 'xterm'], false],
    ['no application', [...xpra, 'tmux'], true],
    ['no Xvfb', ['xpra', 'xauth', 'tmux', 'xterm'], true],
    ['no xpra', ['Xvfb', 'xauth', 'tmux', 'xterm'], true],
  ])('start a terminal where there is %s', (_, commands, hasDisplay) => {
    expect(first(commands, hasDisplay)).toContain('start alpha --backend tmux');
  });

  it('start nothing where nothing can run', () => {
    expect(first([], true)).toContain('hotdesk list');
  });
});
