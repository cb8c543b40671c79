import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { askByProgram, askpass } from '../../../src/client/prompting/askpass.ts';
import type { PromptData } from '../../../src/protocol/api.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'hd-askpass-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

function program(body: string): string {
  const file = join(folder, 'ask');
  writeFileSync(file, `#!/bin/sh\n${body}\n`);
  chmodSync(file, 0o755);
  return file;
}

const prompt: PromptData = {
  id: '1',
  kind: 'keyboard-interactive',
  host: 'alpha',
  user: 'me',
  port: 22,
  title: '',
  instruction: 'One-time codes\nare in your app',
  prompts: [
    { prompt: 'Password:', echo: false },
    { prompt: 'Code:', echo: true },
  ],
  attempt: 1,
  attempts: 3,
};
const env = { PATH: process.env.PATH, SSH_ASKPASS_PROMPT: 'confirm' };
const signal = new AbortController().signal;

test('runs the program once for each prompt, and takes the first line of what it prints', async () => {
  const file = program(
    `printf '%s|%s\\n' "$SSH_ASKPASS_PROMPT" "$1" >> ${folder}/log; printf 'a"$# b\\r\\nmore\\n'`,
  );
  expect(await askByProgram(askpass(file), env, prompt, signal)).toEqual(['a"$# b', 'a"$# b']);
  expect(readFileSync(join(folder, 'log'), 'utf8')).toBe(
    ['Password', 'Code']
      .map((what) => `|alpha says: One-time codes\nalpha says: are in your app\n(me@alpha) ${what}:\n`)
      .join(''),
  );
});

test('a program that fails, or is ended, is a refusal', async () => {
  expect(await askByProgram(askpass(program('echo secret; exit 1')), env, prompt, signal)).toBeUndefined();
  const controller = new AbortController();
  const asked = askByProgram(askpass(program('exec sleep 600')), env, prompt, controller.signal);
  setTimeout(() => controller.abort(), 50);
  expect(await asked).toBeUndefined();
});

test('one that is not there is named', async () => {
  await expect(askByProgram(askpass(join(folder, 'none')), env, prompt, signal)).rejects.toMatchObject({
    code: 'command-missing',
    message: expect.stringContaining('cannot be run to ask'),
  });
});
