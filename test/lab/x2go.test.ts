/** X2Go between hosts: shown here while it starts there, moved, suspended, and ended. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { Desk } from '../rigs/lab/hotdesk.ts';
import { Lab } from '../rigs/lab/lab.ts';
import { until } from '../rigs/until.ts';

let lab: Lab;
let h1: Desk;
let h2: Desk;
let h3: Desk;

const PATIENT = { timeoutMs: 120_000 };
const shows = async (desk: Desk) => (await desk.host.windows()).some(({ name }) => name === 'lab-logo');
/** The state that X2Go's own list has of the one session there, R or S. Its table may be one for all labs of this computer. */
const KNOWN =
  'sid=$(basename /tmp/.x2go-*/C-* | cut -c 3-); x2golistsessions | grep -F "|$sid|" | cut -d "|" -f 5';
const known = async () => (await h2.host.user(['sh', '-c', KNOWN])).stdout.trim();
const row = async (called: string) => (await h1.sessions()).find(({ name }) => name === called);

beforeAll(async () => {
  lab = await Lab.up({ hosts: 3, seats: true });
  const [first, second, third] = lab.hosts.map((host) => new Desk(host));
  if (!first || !second || !third) throw new Error('the lab has three hosts');
  [h1, h2, h3] = [first, second, third];
  for (const desk of [h1, h2, h3]) await desk.ok(['agent', 'start']);
  await until(
    'h1 and h3 have the agent of h2',
    async () => {
      const states = await Promise.all([h1, h3].map(async (desk) => await desk.hosts()));
      return states.every((hosts) => hosts.some(({ name, state }) => name === 'h2' && state === 'agent'));
    },
    60_000,
  );
});
afterAll(async () => {
  await lab?.down();
});

it('starts on h2 and shows on h1; h3 renames and takes it; h1 takes it back; it is suspended, and ends', async () => {
  const start = ['start', 'h2', '--backend', 'x2go', '--name', 'before', '--', 'xlogo', '-title', 'lab-logo'];
  await h1.ok(start, PATIENT);
  await until('h1 shows it', () => shows(h1), 30_000);
  expect(await row('before')).toMatchObject({ backend: 'x2go', host: 'h2' });
  await until('h3 has it', async () => (await h3.sessions()).some(({ name }) => name === 'before'), 30_000);
  await h3.ok(['rename', 'before', 'logo']);
  await until('h1 has its name', () => row('logo'), 30_000);
  expect(await shows(h1)).toBe(true);
  await h3.ok(['move', 'logo'], PATIENT);
  await until('h3 shows it', () => shows(h3), 30_000);
  await until('h1 does not', async () => !(await shows(h1)), 30_000);
  await until('X2Go has it running', async () => (await known()) === 'R', 30_000);
  await h1.ok(['move', 'logo'], PATIENT);
  await until('h1 shows it again', () => shows(h1), 30_000);
  await until('h3 does not', async () => !(await shows(h3)), 30_000);
  await h1.ok(['detach', 'logo'], PATIENT);
  await until('h1 does not', async () => !(await shows(h1)), 30_000);
  await until('X2Go has it suspended', async () => (await known()) === 'S', 30_000);
  await h1.ok(['attach', 'logo'], PATIENT);
  await until('h1 shows it', () => shows(h1), 30_000);
  await h1.ok(['stop', 'logo', '--yes'], PATIENT);
  await until('h1 does not', async () => !(await shows(h1)), 30_000);
  await until(
    'nothing is left',
    async () => {
      const found = await h2.host.user([
        'sh',
        '-c',
        'pgrep -a "x2go|nxagent|xlogo"; ls -d /tmp/.x2go-*/C-* /run/user/*/hotdesk-x2go/*',
      ]);
      return found.stdout.trim() === '';
    },
    30_000,
  );
});
