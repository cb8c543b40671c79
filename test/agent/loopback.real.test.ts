/** Who is let in at a port of the loopback. */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { forwardPort } from '../../src/agent/loopback.ts';

const CALLER = fileURLToPath(new URL('../rigs/foreign-caller.py', import.meta.url));

test.runIf(process.getuid?.() === 0)('another user who has left at once is not let in as root', async () => {
  let opened = 0;
  const held = await forwardPort({
    open: async () => {
      opened += 1;
      throw new Error('somebody was let in');
    },
    holdMs: 0,
    isGuarded: true,
  });
  // Done before we look at all: nobody has that end of the connection any more, which the system tells as root's
  // once our end has heard of it.
  const { status, stderr } = spawnSync('python3', [CALLER, `${held.port}`], { encoding: 'utf8' });
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  spawnSync('sleep', ['0.5']);
  await new Promise((resolve) => setTimeout(resolve, 200));
  held.close();
  expect(opened).toBe(0);
});
