import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { stat } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { sleep } from '../../src/kernel/abort.ts';
import { inLumps } from '../../src/viewer/lumps.ts';
import { until } from '../rigs/until.ts';

const WORDS = 40;

/** Says a word each ms, by a write of its own. */
function talker(): ChildProcess & { stdout: NonNullable<ChildProcess['stdout']> } {
  const program = `let n = 0; const t = setInterval(() => { require('fs').writeSync(1, 'word '); if (++n === ${WORDS}) clearInterval(t); }, 1)`;
  const child = spawn(process.execPath, ['-e', program], { stdio: ['ignore', 'pipe', 'ignore'] });
  return child as ReturnType<typeof talker>;
}

async function heardBy(everyMs: number): Promise<string[]> {
  const child = talker();
  const heard: string[] = [];
  const { end } = inLumps(child.stdout, everyMs, (chunk) => heard.push(chunk.toString()));
  child.once('exit', end);
  await once(child, 'close');
  return heard;
}

test('what is said word by word is heard in lumps, and all of it', async () => {
  const heard = await heardBy(1000);
  expect(heard.join('')).toBe('word '.repeat(WORDS));
  expect(heard.length).toBeLessThan(WORDS / 4);
});

/** Says one word, and another one when `go` is called; something of it keeps the pipe. */
function parrot(everyMs: number) {
  const child = spawn('sh', ['-c', 'printf one; read -r line; printf two; sleep 60 & exit'], {
    detached: true,
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  let heard = '';
  const lumps = inLumps(child.stdout, everyMs, (chunk) => {
    heard += chunk.toString();
  });
  return {
    lumps,
    heard: () => heard,
    /** Resolves when it has said all. */
    go: async () => {
      const ended = once(child, 'exit');
      child.stdin.write('\n');
      await ended;
    },
    kill: () => process.kill(-(child.pid ?? 0), 'SIGKILL'),
  };
}

test('after the pause it is heard again', async () => {
  const { heard, go, kill } = parrot(5);
  await until('it speaks', () => heard() === 'one');
  await go();
  await until('the rest is heard', () => heard() === 'onetwo');
  kill();
});

test('who must know what was said by now catches up', async () => {
  const { lumps, heard, go, kill } = parrot(30_000);
  await until('it speaks', () => heard() === 'one');
  await go();
  await sleep(50);
  expect(heard()).toBe('one');
  // As where a request comes in: while the loop hands out what it has found.
  await stat('/');
  await lumps.catchUp();
  expect(heard()).toBe('onetwo');
  kill();
});

test('what was said last is heard at once when it has ended', async () => {
  const { lumps, heard, go, kill } = parrot(30_000);
  await until('it speaks', () => heard() === 'one');
  await go();
  expect(heard()).toBe('one');
  lumps.end();
  await until('the rest is heard', () => heard() === 'onetwo', 1000);
  kill();
});

test('a stream that is gone by then is let alone', async () => {
  const child = talker();
  const ended = once(child, 'exit');
  const { end } = inLumps(child.stdout, 5, () => {});
  await once(child.stdout, 'data');
  child.stdout.destroy();
  await sleep(20);
  end();
  child.kill('SIGKILL');
  await ended;
});
