/** The applications of another host: listed from there with and without an agent, and started by their id. */
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { LAB_UID } from '../rigs/lab/host.ts';
import { Desk } from '../rigs/lab/hotdesk.ts';
import { Lab } from '../rigs/lab/lab.ts';
import { until } from '../rigs/until.ts';

interface AppRow {
  readonly id: string;
  readonly name: string;
  readonly command: readonly string[];
  readonly terminal: boolean;
  readonly hidden?: string;
  readonly usedAt?: string;
}

let lab: Lab;
let h1: Desk;
let h2: Desk;

const entry = (name: string, exec: string, ...lines: string[]) =>
  ['[Desktop Entry]', 'Type=Application', `Name=${name}`, `Exec=${exec}`, ...lines, ''].join('\n');

/** Writes a menu entry of h2's user. */
async function install(id: string, text: string): Promise<void> {
  const file = join(h2.host.home, '.local/share/applications', `${id}.desktop`);
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, text);
  await h2.host.root(['chown', '-R', `${LAB_UID}:${LAB_UID}`, '/home/user/.local']);
}

const apps = async (...args: string[]) =>
  (await h1.json<{ apps: AppRow[]; revision: string }>(['apps', 'h2', ...args])).apps;
/** Only what this test installed: the image of the host has others. */
const own = async (...args: string[]) => (await apps(...args)).filter(({ id }) => id.startsWith('lab.'));
const showsLogo = async () => (await h1.host.windows()).some(({ name }) => /\bLogo\b/u.test(name));

beforeAll(async () => {
  lab = await Lab.up({ hosts: 2, seats: true });
  const [first, second] = lab.hosts.map((host) => new Desk(host));
  if (!first || !second) throw new Error('the lab has two hosts');
  [h1, h2] = [first, second];
  await install(
    'lab.Logo',
    entry('Logo', 'xlogo -name %c %U', 'Name[de]=Schriftzug', 'StartupWMClass=XLogo'),
  );
  await install(
    'lab.Counter',
    entry('Counter', 'sh -c \'echo "counting: $((6 * 7))"; exec sleep 1000\'', 'Terminal=true'),
  );
  await install('lab.Power', entry('Power', 'true', 'Categories=Settings;HardwareSettings;'));
  await install('lab.Gone', entry('Gone', 'no-such-program-here'));
  await h1.ok(['agent', 'start']);
  // Nothing advertises it yet.
  await h1.ok(['hosts', 'add', 'h2', '--ssh', h2.host.ip]);
});
afterAll(async () => {
  await lab?.down();
});

it('lists what h2 has over SSH alone, and what changes there', async () => {
  expect((await own()).map(({ id, name }) => [id, name])).toEqual([
    ['lab.Counter', 'Counter'],
    ['lab.Logo', 'Logo'],
  ]);
  expect((await own('--all')).map(({ id, hidden }) => [id, hidden])).toContainEqual([
    'lab.Power',
    'local-only',
  ]);
  const german = await h1.ok(['apps', 'h2'], { env: { LANG: 'de_DE.UTF-8' } });
  expect(german.stdout).toMatch(/lab\.Logo +Schriftzug +window +xlogo -name Schriftzug/u);
  await install('lab.New', entry('New', 'true'));
  expect((await own()).map(({ id }) => id)).toContain('lab.New');
  expect((await h2.host.processes()).filter(({ argv }) => argv.includes('agent'))).toEqual([]);
});

it('starts one by its id on a host without an agent, and its window is here', async () => {
  const started = await h1.ok(['start', 'h2', '--app', 'logo', '--explain']);
  expect(started.stdout).toContain('Logo runs on h2 and is shown here');
  expect(started.stderr).toContain('h2 has xpra, which keeps applications');
  await until('h1 shows it', showsLogo, 60_000);
  expect((await own()).find(({ id }) => id === 'lab.Logo')?.usedAt).toBeTypeOf('string');
  await h1.ok(['stop', 'Logo', '--yes']);
});

it('asks the agent of h2 once there is one, and is told the same', async () => {
  const before = await own('--all');
  await h2.ok(['agent', 'start']);
  await until('h1 has the agent of h2', async () =>
    (await h1.hosts()).some(({ name, state }) => name === 'h2' && state === 'agent'),
  );
  expect(await own('--all')).toEqual(before);
  await install('lab.Later', entry('Later', 'true'));
  expect((await own()).map(({ id }) => id)).toContain('lab.Later');

  const started = await h1.json<{ session: { name: string; kind: string; backend: string }; why: string }>([
    ...['start', 'h2', '--app', 'lab.Counter', '--no-attach'],
  ]);
  expect(started.session).toMatchObject({ name: 'Counter', kind: 'terminal', backend: 'tmux' });
  expect(started.why).toMatch(/^h2 has tmux, which keeps terminals\./u);
  await until('it counts', async () =>
    (await h1.ok(['thumbnail', 'Counter'])).stdout.includes('counting: 42'),
  );
  await h1.ok(['stop', 'Counter', '--yes']);
});

it('takes the backend that the user’s setting names, and says what is not there', async () => {
  await h1.ok(['config', 'set', 'appBackends.lab.Logo', 'xpra']);
  const asked = await h1.ok(['start', 'h2', '--app', 'lab.Logo', '--no-attach', '--explain']);
  expect(asked.stderr).toContain('The setting appBackends says xpra for lab.Logo.');
  const missing = await h1.run(['start', 'h2', '--app', 'lab.Nothing', '--json']);
  expect(missing.code).toBe(6);
  expect(JSON.parse(missing.stdout).error).toMatchObject({ code: 'application-missing' });
});
