import { existsSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { appIcon } from '../../../src/tray/icons.ts';
import { deliver } from '../../../src/tray/notify/deliver.ts';
import type { Notice, Option } from '../../../src/tray/notify/notice.ts';
import { Dunst } from '../../rigs/dunst.ts';
import { until } from '../../rigs/until.ts';

const planted = join(tmpdir(), `hotdesk-planted-${process.pid}`);
const before = { ...process.env };
let dunst: Dunst;

beforeAll(async () => {
  dunst = await Dunst.start();
  // node-notifier gives its child the environment of this process.
  Object.assign(process.env, dunst.env);
});
afterAll(async () => {
  for (const name of Object.keys(dunst?.env ?? {})) delete process.env[name];
  Object.assign(process.env, before);
  rmSync(planted, { force: true });
  await dunst?.end();
});

const failures: string[] = [];
const show = (text: string, options: readonly Option[] = []) => {
  const notice: Notice = { key: text, kind: 'ended', text, options };
  return deliver(notice, appIcon(), (why) => void failures.push(why));
};
const latest = (body: string) =>
  until(`dunst is told “${body}”`, () => dunst.told.findLast((told) => told.body.includes(body)), 30_000);

it('shows the text under a constant title', async () => {
  show('Ended on alpha: build.');
  expect(await latest('build')).toEqual({
    app: 'hotdesk',
    icon: appIcon(),
    summary: 'hotdesk',
    body: 'Ended on alpha: build.',
    actions: {},
  });
  await until('it is on the screen', async () => (await dunst.shown()) === 1);
  await dunst.closeAll();
});

it('shows what a session said last below it, each line as the text that it is', async () => {
  const lines = ['make: *** [all] Error 1', `$(touch ${planted})`, '<b>a\u001b[31m\nb'];
  const text = 'Ended on alpha: nightly (exit code 2).';
  deliver(
    { key: text, kind: 'ended', text, lines, options: [] },
    appIcon(),
    (why) => void failures.push(why),
  );
  const { body } = await latest('nightly');
  expect(body.split('\n')).toEqual([text, lines[0], `＄(touch ${planted})`, '‹b›a [31m b']);
  await dunst.closeAll();
});

it.each([
  ['an option', '--help', '--help'],
  ['a shell’s command', `"; touch ${planted}; "`, `”; touch ${planted}; ”`],
  ['a substitution', `$(touch ${planted})`, `＄(touch ${planted})`],
  ['backticks', `\`touch ${planted}\``, `ˋtouch ${planted}ˋ`],
  ['an escape', 'a\\nb\\x41\\', 'a⧵nb⧵x41⧵'],
  ['markup', '<b>bold</b> & <img src="file:///etc/passwd">', '‹b›bold‹/b› ＆ ‹img src=”file:///etc/passwd”›'],
  ['lines and controls', 'a\nb\u001b[31m\u202e', 'a b [31m'],
  ['a quote of the other kind', "it's", "it's"],
  ['a format', '%s %n {}', '%s %n {}'],
])('takes %s in a title for the text that it is', async (_, hostile, shown) => {
  const count = dunst.told.length;
  show(`Ended on alpha: ${hostile}`);
  const plain = await until('it is told', () => dunst.told[count], 30_000);
  expect(plain).toMatchObject({ summary: 'hotdesk', body: `Ended on alpha: ${shown}`, actions: {} });
  const options = [{ id: 'keep', label: 'Keep' }];
  const { close } = show(`Opened here from beta: ${hostile}`, options);
  const choice = await until('it is told with its choice', () => dunst.told[count + 1], 30_000);
  expect(choice).toMatchObject({
    summary: 'hotdesk',
    body: `Opened here from beta: ${shown}`,
    actions: { keep: 'Keep' },
  });
  close();
  expect(existsSync(planted)).toBe(false);
  await dunst.closeAll();
});

const options: readonly Option[] = [
  { id: 'keep', label: 'Keep' },
  { id: 'back', label: 'Send back', action: { do: 'send', ref: 'xpra:1@alpha', to: 'beta' } },
];

it('offers a choice, and says which one was made', async () => {
  const { chosen } = show('Opened here from beta: calc on alpha.', options);
  expect((await latest('calc on alpha')).actions).toEqual({ keep: 'Keep', back: 'Send back' });
  await until('it is on the screen', async () => (await dunst.shown()) === 1);
  await dunst.choose('Send back');
  expect(await chosen).toBe('back');
});

it('decides nothing when it is clicked away', async () => {
  const { chosen } = show('Moved to beta: closed on alpha.', options);
  await latest('closed on alpha');
  await until('it is on the screen', async () => (await dunst.shown()) === 1);
  await dunst.closeAll();
  expect(await chosen).toBeUndefined();
});

it('takes it back when the choice was made elsewhere', async () => {
  const { chosen, close } = show('Moved to beta: stopped on alpha.', options);
  await latest('stopped on alpha');
  await until('it is on the screen', async () => (await dunst.shown()) === 1);
  close();
  expect(await chosen).toBeUndefined();
  await until('it is not there any more', async () => (await dunst.shown()) === 0);
  expect(failures).toEqual([]);
});

it('says so, and goes on, where there is no notification server', async () => {
  const address = process.env.DBUS_SESSION_BUS_ADDRESS;
  process.env.DBUS_SESSION_BUS_ADDRESS = 'unix:path=/nonexistent/bus';
  show('Ended on alpha: nobody hears this.');
  expect(await show('Moved to beta: nor this.', options).chosen).toBeUndefined();
  await until('both failures are told', () => failures.length === 2, 30_000);
  process.env.DBUS_SESSION_BUS_ADDRESS = address;
});
