/** What the agent makes of a plain command line is what the parser of the command line makes of it. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { plainCommand } from '../../../src/protocol/head-start.ts';
import { hotdesk } from '../shell.ts';
import { agentWith, display, viewer, xterm } from './agent-with.ts';

const word = fc.oneof(
  fc.constantFrom(
    'alpha',
    'xterm',
    '--',
    '-b',
    '--backend',
    '-n',
    '--name',
    '-k',
    '--kind',
    'app',
    'desktop',
  ),
  fc.constantFrom(
    '-o',
    '--option',
    'a=b',
    'a',
    '-v',
    '--json',
    '--to',
    '--share',
    '--seat',
    '',
    '-',
    'vnc',
    '-nx',
  ),
  fc.string(),
);
const value = fc.string({ minLength: 1 });
const option = fc.oneof(
  fc.tuple(fc.constantFrom('-b', '--backend', '-n', '--name', '-o', '--option'), value),
  fc.tuple(fc.constantFrom('-k', '--kind'), fc.constantFrom('app', 'desktop', 'terminal', 'vm')),
  fc.tuple(fc.constantFrom('-o', '--option'), fc.constantFrom('a=b', 'a', 'b=a=1', 'c-d=', 'a=2')),
);
const shaped = fc
  .tuple(
    fc.constantFrom('start', 'start', 'attach', 'move'),
    value,
    fc.array(option, { maxLength: 3 }),
    fc.option(fc.array(fc.oneof(word, value), { maxLength: 3 })),
  )
  .map(([method, name, options, command]) => [
    method,
    name,
    ...options.flat(),
    ...(command ? ['--', ...command] : []),
  ]);
const anything = fc
  .tuple(fc.constantFrom('start', 'attach', 'move'), fc.array(word))
  .map((all) => all.flat());

it('is the same request', async () => {
  const { asked, agent } = await agentWith({
    start: { session: xterm, viewer },
    attach: { session: xterm, viewer },
    move: { session: xterm, viewer },
  });
  let compared = 0;
  await fc.assert(
    fc.asyncProperty(fc.oneof(shaped, anything), async (argv) => {
      const plain = plainCommand(argv);
      if (!plain) return;
      const before = asked(plain.method).length;
      const { stderr } = await hotdesk(argv, { paths: agent.paths, ...display });
      const more = asked(plain.method).slice(before);
      expect({ argv, more, stderr }).toEqual({
        argv,
        more: [{ ...plain.params, seat: ':7' }],
        stderr: expect.anything(),
      });
      compared += 1;
    }),
    { numRuns: 400 },
  );
  expect(compared).toBeGreaterThan(50);
});
