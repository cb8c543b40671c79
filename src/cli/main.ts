import { runProgram } from './program.ts';
import { shellOf } from './shell.ts';

// `hotdesk list | head`: whoever reads has seen enough.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0);
  throw error;
});

const shell = shellOf(process);
void runProgram(process.argv.slice(2), shell).then(() => {
  process.exitCode = shell.exitCode;
});
