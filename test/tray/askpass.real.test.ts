import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
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
const prompt: PromptData = {
  ...{ id: '1', kind: 'password', host: 'alpha', user: 'me', port: 22, title: '', instruction: '' },
  ...{ prompts: [{ prompt: 'Password for me@al_pha <b>&\\n:', echo: false }], attempt: 1, attempts: 3 },
};
/**
 * What asks, and the title of its window. (OpenSSH's own for GNOME passes too; installed, it would answer for
 * every test that expects that nothing asks.)
 */
const DIALOGS = [{ program: 'zenity', title: '^hotdesk$' }];

describe.each(DIALOGS)('$program', ({ program, title }) => {
  const dialog = dialogOf({}, (each) => each === program);

  function ask(data: PromptData, signal = new AbortController().signal) {
    if (!dialog) throw new Error(`${program} is asked for`);
    return askByProgram(dialog, env(), data, signal);
  }

  async function window(): Promise<{ id: string; pid: string } | undefined> {
    const id = await xdotool('search', '--onlyvisible', '--name', title).catch(() => '');
    const pid = id === '' ? '' : await xdotool('getwindowpid', id).catch(() => '');
    return pid === '' ? undefined : { id, pid };
  }

  /** The window that asks gets the focus; its process. @param before the one that asked before */
  async function shown(before?: string): Promise<string> {
    const { id, pid } = await until(
      'the dialog is there',
      async () => {
        const found = await window();
        return found && found.pid !== before && found;
      },
      30_000,
    );
    await xdotool('windowfocus', '--sync', id);
    return pid;
  }

  it('asks in a window, and what is typed there is the answer', async () => {
    const asked = ask(prompt);
    await shown();
    await xdotool('type', '--delay', '20', 'pa$$ "word\\');
    await xdotool('key', 'Return');
    expect(await asked).toEqual(['pa$$ "word\\']);
  });

  it('asks one thing after the other', async () => {
    const prompts = [
      { prompt: 'One:', echo: false },
      { prompt: 'Two:', echo: true },
    ];
    const asked = ask({ ...prompt, prompts });
    const first = await shown();
    await xdotool('type', 'a');
    await xdotool('key', 'Return');
    await shown(first);
    await xdotool('type', 'b');
    await xdotool('key', 'Return');
    expect(await asked).toEqual(['a', 'b']);
  });

  it('is refused by closing it, and ends when nobody wants the answer any more', async () => {
    const refused = ask(prompt);
    const first = await shown();
    await xdotool('key', 'Escape');
    expect(await refused).toBeUndefined();
    const controller = new AbortController();
    const ended = ask(prompt, controller.signal);
    await shown(first);
    controller.abort();
    expect(await ended).toBeUndefined();
    await until('the window is gone', async () => (await window()) === undefined, 30_000);
  });
});
