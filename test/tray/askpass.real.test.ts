import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { askByProgram } from '../../src/client/prompting/askpass.ts';
import type { PromptData } from '../../src/protocol/api.ts';
import { dialogOf } from '../../src/tray/askpass.ts';
import { until } from '../rigs/until.ts';
import { type Display, startXvfb } from '../rigs/xvfb.ts';

const run = promisify(execFile);
let display: Display;
beforeAll(async () => {
  display = await startXvfb();
});
afterAll(() => display?.end());

const env = () => ({ ...process.env, DISPLAY: display.name, LANG: 'C.UTF-8' });
const xdotool = async (...args: string[]) => (await run('xdotool', args, { env: env() })).stdout.trim();
const zenity = dialogOf({}, (program) => program === 'zenity');
const prompt: PromptData = {
  ...{ id: '1', kind: 'password', host: 'alpha', user: 'me', port: 22, title: '', instruction: '' },
  ...{ prompts: [{ prompt: 'Password for me@al_pha <b>&\\n:', echo: false }], attempt: 1, attempts: 3 },
};

function ask(data: PromptData, signal = new AbortController().signal) {
  if (!zenity) throw new Error('zenity is asked for');
  return askByProgram(zenity, env(), data, signal);
}

/** The window that asks, with the focus. */
async function dialog(): Promise<string> {
  const id = await until(
    'the dialog is there',
    async () =>
      (await xdotool('search', '--onlyvisible', '--name', '^hotdesk$').catch(() => '')) || undefined,
    30_000,
  );
  await xdotool('windowfocus', '--sync', id);
  return id;
}

it('asks in a window, and what is typed there is the answer', async () => {
  const asked = ask(prompt);
  await dialog();
  await xdotool('type', '--delay', '20', 'pa$$ "word\\');
  await xdotool('key', 'Return');
  expect(await asked).toEqual(['pa$$ "word\\']);
});

it('asks one thing after the other', async () => {
  const asked = ask({
    ...prompt,
    prompts: [
      { prompt: 'One:', echo: false },
      { prompt: 'Two:', echo: true },
    ],
  });
  const first = await dialog();
  await xdotool('type', 'a');
  await xdotool('key', 'Return');
  await until(
    'the first is gone',
    async () => (await xdotool('search', '--onlyvisible', '--name', '^hotdesk$').catch(() => '')) !== first,
  );
  await dialog();
  await xdotool('type', 'b');
  await xdotool('key', 'Return');
  expect(await asked).toEqual(['a', 'b']);
});

it('is refused by closing it, and ends when nobody wants the answer any more', async () => {
  const refused = ask(prompt);
  await dialog();
  await xdotool('key', 'Escape');
  expect(await refused).toBeUndefined();
  const controller = new AbortController();
  const ended = ask(prompt, controller.signal);
  await dialog();
  controller.abort();
  expect(await ended).toBeUndefined();
  await until('the window is gone', async () => {
    const left = await xdotool('search', '--onlyvisible', '--name', '^hotdesk$').catch(() => '');
    return left === '';
  });
});
