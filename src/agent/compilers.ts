/**
 * V8's compilers, as far as the agent wants them. One that only listens runs nothing hot, and the code of
 * the compilers themselves is 5 MB of its resident memory (docs/decisions.md): it interprets until it has
 * an SSH connection, whose bytes go through JavaScript.
 */
import { setFlagsFromString } from 'node:v8';

export function interpretOnly(): void {
  for (const flag of ['--no-opt', '--no-sparkplug']) setFlagsFromString(flag);
}

export function compileHot(): void {
  for (const flag of ['--opt', '--sparkplug']) setFlagsFromString(flag);
}
