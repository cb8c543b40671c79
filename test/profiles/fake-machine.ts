import type { ExecOptions, ExecResult, Machine } from '../../src/model/machine.ts';

export type Answer = { code?: number; stdout?: string; stderr?: string } | Error;

/** A machine that answers from a script: what was run is kept in `ran`. */
export function fakeMachine(
  answer: (argv: readonly string[], options: ExecOptions) => Answer | Promise<Answer>,
) {
  const ran: { argv: readonly string[]; options: ExecOptions }[] = [];
  const machine: Machine = {
    name: 'alpha',
    isLocal: false,
    async exec(argv, options = {}): Promise<ExecResult> {
      ran.push({ argv, options });
      const given = await answer(argv, options);
      if (given instanceof Error) throw given;
      const { code = 0, stdout = '', stderr = '' } = given;
      return { code, signal: undefined, stdout: Buffer.from(stdout), stderr: Buffer.from(stderr) };
    },
    open: () => Promise.reject(new Error('nothing is opened here')),
  };
  return { machine, ran };
}
