import { afterEach, describe, expect, it } from 'vitest';
import { ActionJson, AppsJson } from '../../../src/cli/json.ts';
import type { Application } from '../../../src/model/application.ts';
import { EMPTY, type FakeRequest, fakeAgent } from '../../client/fake-agent.ts';
import { session } from '../samples.ts';
import { type Around, hotdesk } from '../shell.ts';

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

const app = (id: string, part: Partial<Application> = {}): Application => ({
  ...{ id, name: id.toUpperCase(), categories: ['Utility'], terminal: false, command: [id], ...part },
});
const APPS = [
  app('calc', { usedAt: 1_700_000_000 }),
  app('vim', { terminal: true, command: ['vim', 'x y'] }),
  app('power', { hidden: 'local-only' }),
];

async function agentWith(methods: Readonly<Record<string, unknown>>) {
  const agent = await fakeAgent({ answer: ({ method }: FakeRequest) => methods[method] });
  cleanups.push(() => agent.close());
  const run = (line: string, around: Partial<Around> = {}) =>
    hotdesk(line.split(' '), { paths: agent.paths, ...around });
  const asked = (method: string) => agent.received.filter((m) => m.method === method).map((m) => m.params);
  return { run, asked };
}

describe('apps', () => {
  const methods = { 'apps.list': { revision: '1-2', applications: APPS } };
  it('lists what is of use from here, in the language of who asks', async () => {
    const { run, asked } = await agentWith(methods);
    const { stdout, stderr } = await run('apps alpha', {
      env: { LANG: 'en_US', LC_MESSAGES: 'de_DE.UTF-8' },
    });
    expect(asked('apps.list')).toEqual([{ host: 'alpha', locale: 'de_DE.UTF-8' }]);
    expect(stdout.split('\n').map((line) => line.split(/ {2,}/u).slice(0, 4))).toEqual([
      ['APP', 'NAME', 'IN', 'COMMAND'],
      ['calc', 'CALC', 'window', 'calc'],
      ['vim', 'VIM', 'terminal', 'vim x y'],
      [''],
    ]);
    expect(stderr).toContain('1 that make sense only there: --all');
    expect((await run('apps alpha --all')).stdout).toContain('of use there only');
  });

  it('has the JSON that is documented', async () => {
    const { run } = await agentWith(methods);
    const made = AppsJson.parse(JSON.parse((await run('apps alpha --json')).stdout));
    expect(made).toMatchObject({ version: 1, host: 'alpha', revision: '1-2' });
    expect(made.apps.map(({ id, usedAt }) => [id, usedAt])).toEqual([
      ['calc', '2023-11-14T22:13:20.000Z'],
      ['vim', undefined],
    ]);
    expect(AppsJson.parse(JSON.parse((await run('apps alpha --all --json')).stdout)).apps).toHaveLength(3);
  });

  it('says so where there are none', async () => {
    const { run } = await agentWith({ 'apps.list': { revision: 'none', applications: [] } });
    expect(await run('apps alpha')).toMatchObject({
      code: 0,
      stdout: '',
      stderr: expect.stringContaining('no applications'),
    });
  });
});

describe('start --app', () => {
  const calc = session('CALC', 'alpha');
  const why = 'xpra: it keeps applications.';
  it('asks for the application, never for its command', async () => {
    const { run, asked } = await agentWith({ start: { session: calc, why }, catalogue: EMPTY });
    expect((await run('start alpha --app calc --no-attach')).stderr).not.toContain(why);
    expect(asked('start')).toMatchObject([{ host: 'alpha', app: 'calc', command: [], attach: false }]);
    expect((await run('start alpha --app calc --no-attach --explain')).stderr).toContain(why);
    const json = await run('start alpha --app calc --no-attach --json');
    expect(ActionJson.parse(JSON.parse(json.stdout)).why).toBe(why);
    expect(await run('start alpha --app calc -- xterm')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('not both'),
    });
  });

  it('shows a window at the display of a terminal too, since what it will be is not known yet', async () => {
    const { run, asked } = await agentWith({ 'seat.register': {}, start: { session: calc } });
    await run('start alpha --app calc', { env: { DISPLAY: ':7' }, columns: 80 });
    expect(asked('start')).toMatchObject([{ app: 'calc', attach: true, seat: ':7' }]);
  });
});
