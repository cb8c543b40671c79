import { spawn, spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { BASH } from '../../../src/cli/completion/bash.ts';
import { FISH } from '../../../src/cli/completion/fish.ts';
import { ZSH } from '../../../src/cli/completion/zsh.ts';
import { type FakeAgent, fakeAgent } from '../../client/fake-agent.ts';
import { type OnDisk, programOnDisk } from '../program-on-disk.ts';
import { host, sample, session } from '../samples.ts';

let disk: OnDisk;
let agent: FakeAgent;
let env: Record<string, string>;

const snapshot = sample({
  hosts: [host('here', { key: 'k-here' }), host('alpha'), host('gamma')],
  sessions: [
    session('xterm', 'alpha'),
    session('build', 'alpha'),
    session('build', 'gamma'),
    session('two words $(touch pwned)', 'alpha', { localId: '7' }),
  ],
});

beforeAll(async () => {
  disk = await programOnDisk();
  agent = await fakeAgent({
    answer: ({ method }) => {
      if (method === 'catalogue') return snapshot;
      return method === 'profiles.list' ? { profiles: [] } : { path: 'p', settings: [] };
    },
  });
  env = {
    PATH: `${disk.folder}:${process.env.PATH ?? ''}`,
    HOME: disk.folder,
    HOTDESK_RUNTIME_DIR: agent.paths.runtimeDir,
    TERM: 'xterm',
    LANG: 'C.UTF-8',
  };
});
afterAll(async () => {
  await agent.close();
  disk.remove();
});

/** Not spawnSync: the fake agent is in this process and has to answer. */
function run(command: string, args: readonly string[], input = ''): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { env, cwd: disk.folder, timeout: 30_000 });
    let out = '';
    child.stdout.on('data', (chunk: Buffer) => {
      out += chunk.toString();
    });
    child.stderr.on('data', (chunk: Buffer) => {
      out += chunk.toString();
    });
    child.on('error', reject);
    child.on('close', () => resolve(out));
    child.stdin.end(input);
  });
}

describe('bash', () => {
  /** What bash would put in place of the word that readline sees at the end of `line`. */
  async function complete(line: string): Promise<string[]> {
    const script = join(disk.folder, 'try.bash');
    // Readline's own splitting of the last word, at the characters of COMP_WORDBREAKS.
    const words = line.split(/\s+/u);
    const last = /[@:=]?([^@:=]*)$/u.exec(words.at(-1) ?? '')?.[1] ?? '';
    writeFileSync(
      script,
      `${BASH}
COMP_LINE=${JSON.stringify(line)}; COMP_POINT=${line.length}; COMP_WORDS=(hotdesk ${JSON.stringify(last)}); COMP_CWORD=1
_hotdesk_completion
printf '%s\\n' "\${COMPREPLY[@]}"`,
    );
    return (await run('bash', ['--norc', script])).split('\n').filter(Boolean);
  }

  it('completes commands, options, hosts and sessions', async () => {
    expect(await complete('hotdesk mo')).toEqual(['move']);
    expect(await complete('hotdesk list --wat')).toEqual(['--watch']);
    expect(await complete('hotdesk start ')).toEqual(['here', 'alpha', 'gamma']);
    expect(await complete('hotdesk attach x')).toEqual(['xterm']);
  });

  it('gives only what follows the part that readline has taken for a word of its own', async () => {
    expect(await complete('hotdesk attach build@')).toEqual(['alpha', 'gamma']);
    expect(await complete('hotdesk attach build@g')).toEqual(['gamma']);
  });

  it('quotes what the shell would take apart', async () => {
    expect(await complete('hotdesk attach two')).toEqual(['two\\ words\\ \\$\\(touch\\ pwned\\)']);
  });

  it('is bound to the command', async () => {
    const bound = await run('bash', [
      '--norc',
      '-c',
      `eval "$(hotdesk completion bash)"; complete -p hotdesk`,
    ]);
    expect(bound).toContain('-F _hotdesk_completion hotdesk');
  });
});

describe('fish', () => {
  async function complete(line: string): Promise<string[]> {
    const script = join(disk.folder, 'hotdesk.fish');
    writeFileSync(script, FISH);
    const out = await run('fish', [
      '--no-config',
      '-c',
      `source ${script}; complete -C ${JSON.stringify(line)}`,
    ]);
    return out.split('\n').filter(Boolean);
  }

  it('completes commands, options, hosts and sessions, with what they are', async () => {
    expect(await complete('hotdesk mo')).toEqual([expect.stringMatching(/^move\tBring a session here/u)]);
    expect(await complete('hotdesk start al')).toEqual(['alpha\tagent']);
    expect(await complete('hotdesk attach build@')).toEqual([
      'build@alpha\txpra on alpha',
      'build@gamma\txpra on gamma',
    ]);
    expect(await complete('hotdesk list --wat')).toEqual([expect.stringMatching(/^--watch\t/u)]);
  });

  it('offers files where a file is meant', async () => {
    writeFileSync(join(disk.folder, 'mine.yaml'), '');
    expect(await complete('hotdesk profiles check mi')).toEqual([expect.stringMatching(/^mine\.yaml/u)]);
  });
});

describe('zsh', () => {
  /** Presses TAB in a real zsh behind a pseudo-terminal, and gives the line as it then is. */
  async function complete(line: string): Promise<string> {
    const script = join(disk.folder, 'hotdesk.zsh');
    writeFileSync(script, ZSH);
    const driver = `
zmodload zsh/zpty
zpty -b shell zsh -f -i
zpty -w shell "PS1=; PS2=; unsetopt zle_bracketed_paste 2>/dev/null; cd ${disk.folder}"
zpty -w shell "autoload -Uz compinit && compinit -u -D && source ${script} && bindkey '^I' complete-word"
zpty -w shell "show() { print -r -- \\"<\\$BUFFER>\\"; BUFFER=; zle accept-line; }; zle -N show; bindkey '^X' show; print READY"
zpty -m -r shell ready '*READY*READY*'
zpty -n -w shell ${JSON.stringify(line)}$'\\t'
zpty -n -w shell $'\\C-x'
zpty -m -r shell out '*<*>*'
print -r -- $out
zpty -d shell`;
    const out = await run('zsh', ['-f', '-c', driver]);
    return /<([^<>]*)>/u.exec(out)?.[1] ?? out;
  }

  it('completes commands, hosts and sessions', async () => {
    expect(await complete('hotdesk mo')).toBe('hotdesk move ');
    expect(await complete('hotdesk start al')).toBe('hotdesk start alpha ');
    expect(await complete('hotdesk attach build@g')).toBe('hotdesk attach build@gamma ');
  });
});

it('the shells are there', () => {
  for (const shell of ['bash', 'zsh', 'fish']) expect(spawnSync(shell, ['-c', 'true']).status, shell).toBe(0);
});
