import { Argument, type Command } from 'commander';
import { BASH } from '../completion/bash.ts';
import { FISH } from '../completion/fish.ts';
import { ZSH } from '../completion/zsh.ts';
import { examples } from '../options.ts';
import type { Shell } from '../shell.ts';

const SCRIPTS = { bash: BASH, zsh: ZSH, fish: FISH } as const;

export function declare(program: Command, shell: Shell): void {
  const completion = program
    .command('completion')
    .description('Print the script that completes commands, options, hosts and sessions')
    .addArgument(new Argument('<shell>', 'for which shell').choices(Object.keys(SCRIPTS)))
    .action((name: keyof typeof SCRIPTS) => {
      shell.streams.stdout.write(SCRIPTS[name]);
    });
  examples(completion, [
    ['eval "$(hotdesk completion bash)"', 'in ~/.bashrc'],
    ['eval "$(hotdesk completion zsh)"', 'in ~/.zshrc, after compinit'],
    ['hotdesk completion fish | source', 'in ~/.config/fish/config.fish'],
  ]);
}
