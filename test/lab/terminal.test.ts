/** Terminal sessions in a real terminal (tmux as the terminal), between hosts. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { Desk } from '../rigs/lab/hotdesk.ts';
import { Lab } from '../rigs/lab/lab.ts';
import { Terminal } from '../rigs/lab/terminal.ts';
import { until } from '../rigs/until.ts';

let lab: Lab;
let desks: readonly [Desk, Desk, Desk];

beforeAll(async () => {
  lab = await Lab.up({ hosts: 3, seats: true });
  const [h1, h2, h3] = lab.hosts.map((host) => new Desk(host));
  if (!h1 || !h2 || !h3) throw new Error('the lab has three hosts');
  desks = [h1, h2, h3];
  for (const desk of desks) await desk.ok(['agent', 'start']);
  await until('h1 and h3 have h2', async () => {
    const seen = await Promise.all([h1.hosts(), h3.hosts()]);
    return seen.every((hosts) => hosts.some((h) => h.name === 'h2' && h.state === 'agent'));
  });
});
afterAll(async () => {
  await lab?.down();
});

it('is typed into, resized, moved from terminal to terminal, and left as it was found', async () => {
  const [h1, h2, h3] = desks;
  const one = new Terminal(h1.host, 'one');
  await one.open();
  await one.type('hotdesk start h2 --backend tmux --name work -- env PS1="at-h2> " sh');
  await one.shows('at-h2>');
  await one.type('echo $((40 + 2)) here; hostname');
  await one.shows(/42 here\s+h2/u);

  await one.resize(120, 40);
  await until('the size arrives', async () => {
    await one.type('clear; stty size');
    await new Promise((resolve) => setTimeout(resolve, 200));
    // tmux itself keeps a line for its status.
    return (await one.screen()).includes('39 120');
  });

  const two = new Terminal(h3.host, 'two');
  await two.open();
  await two.type('hotdesk move work');
  await two.shows('at-h2>');
  await one.shows(/moving to h3|shown at h3|moved to h3/u);
  await one.shows('ready>');
  await two.type('clear; echo still $((50 + 5))');
  await two.shows('still 55');
  expect((await h2.sessions())[0]).toMatchObject({ name: 'work', shownAt: ['h3'] });

  // The session's own way to detach: tmux's prefix and d.
  await two.key('C-b');
  await two.key('d');
  await two.shows(/detached/u);
  await two.type('echo back $((1 + 1)); stty -a | grep -o "[-]*echo " | head -1');
  await two.shows('back 2');
  await until('nobody shows it', async () => (await h2.sessions())[0]?.shownAt.length === 0);

  await two.type('hotdesk attach work --read-only');
  await two.shows('still 55');
  await two.type('echo not $((6 * 7))');
  await two.key('C-b');
  await two.key('d');
  await two.shows(/detached/u);
  expect(
    await h2.host.user(['tmux', 'capture-pane', '-p', '-t', 'work']).then((r) => r.stdout),
  ).not.toContain('not 42');

  await one.type('hotdesk attach work');
  await one.shows('still 55');
  await one.type('exit');
  await one.shows('ready>');
  await until('it has ended', async () => (await h3.sessions()).length === 0);
});

it('asks before it stops, and takes no for an answer', async () => {
  const [h1, h2] = desks;
  await h1.ok(['start', 'h2', '--backend', 'tmux', '--name', 'kept', '--no-attach', '--', 'sleep', '1000']);
  const terminal = new Terminal(h1.host, 'ask');
  await terminal.open();
  await terminal.type('hotdesk stop kept; echo code $?');
  await terminal.shows(/kept.*\[y\/N\]|y\/N/u);
  await terminal.type('n');
  await terminal.shows('code 130');
  expect(await h2.sessions()).toHaveLength(1);
  expect((await h1.run(['stop', 'kept'])).code).toBe(2);
  expect(await h2.sessions()).toHaveLength(1);
  await terminal.type('hotdesk stop kept; echo code $?');
  await terminal.shows(/y\/N/u);
  await terminal.type('y');
  await terminal.shows('code 0');
  expect(await h2.sessions()).toEqual([]);
});
