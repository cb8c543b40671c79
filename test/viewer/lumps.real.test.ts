import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, test } from 'vitest';
import { sleep } from '../../src/kernel/abort.ts';
import { inLumps } from '../../src/viewer/lumps.ts';
import { until } from '../rigs/until.ts';

const WORDS = 40;

/** Says a word each ms, by a write of its own. */
function talker(): ChildProcess & { stdout: NonNullable<ChildProcess['stdout']> } {
  const program = `let n = 0; const t = setInterval(() => { require('fs').writeSync(1, 'word '); if (++n === ${WORDS}) clearInterval(t); }, 1)`;
  const child = spawn(process.execPath, ['-e', program], { stdio: ['ignore', 'pipe', 'inherit'] });
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

test('with a short pause it is heard soon', async () => {
  const heard = await heardBy(1);
  expect(heard.join('')).toBe('word '.repeat(WORDS));
  expect(heard.length).toBeGreaterThan(1);
});

test('who must know what was said by now catches up', async () => {
  const child = spawn('sh', ['-c', 'printf one; sleep 0.1; printf two; sleep 60'], {
    detached: true,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let heard = '';
  const lumps = inLumps(child.stdout, 30_000, (chunk) => {
    heard += chunk.toString();
  });
  await until('it speaks', () => heard === 'one');
  for (let i = 0; i < 200 && heard === 'one'; i += 1) {
    await sleep(10);
    await lumps.catchUp();
  }
  expect(heard).toBe('onetwo');
  process.kill(-(child.pid ?? 0), 'SIGKILL');
});

test('what was said last is heard at once when it has ended, though something of it keeps the pipe', async () => {
  const child = spawn('sh', ['-c', 'printf one; sleep 0.1; printf two; sleep 60 & exit'], {
    detached: true,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let heard = '';
  const { end } = inLumps(child.stdout, 30_000, (chunk) => {
    heard += chunk.toString();
  });
  await until('it speaks', () => heard === 'one');
  await once(child, 'exit');
  await sleep(50);
  expect(heard).toBe('one');
  end();
  await until('the rest is heard', () => heard === 'onetwo', 1000);
  process.kill(-(child.pid ?? 0), 'SIGKILL');
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
