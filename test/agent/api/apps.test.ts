/** An application as the command that starts it, and whose host is asked. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type AppsDeps, appHandlers, startableApp } from '../../../src/agent/api/apps.ts';
import type { Application } from '../../../src/model/application.ts';
import type { Params } from '../../../src/protocol/api.ts';
import { HOST } from '../../actions/fake-context.ts';
import { fakeCall } from './call.ts';

const app = (id: string, part: Partial<Application> = {}): Application => ({
  ...{ id, name: id, categories: [], terminal: false, command: [id], ...part },
});
const ALL = [
  app('org.x.Calc', { name: 'Calculator', command: ['calc', '--big'], path: '/opt/calc' }),
  app('vim', { terminal: true, command: ['vim'] }),
];

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'hd-api-apps-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

function rig(appBackends: Readonly<Record<string, string>> = {}) {
  const log: string[] = [];
  const peer = {
    call: async (method: string, { known, ids }: { known?: string; ids?: string[] }) => {
      log.push(method);
      if (method === 'apps.icons') return { icons: ids?.map((id) => ({ id, type: 'png', data: 'AAAA' })) };
      return known === 'r1' ? { revision: 'r1' } : { revision: 'r1', applications: ALL };
    },
  };
  const deps = {
    context: {
      me: { hostId: 'ME', host: 'me' },
      findHost: async (text: string) => {
        log.push(`find ${text}`);
        return HOST;
      },
      askedHost: async (host: object) => {
        log.push('ask');
        return host;
      },
      peer: async () => peer,
    },
    links: {
      to: () => ({
        connect: async () => {
          log.push('connect');
          return { machine: {} };
        },
      }),
    },
    here: {},
    paths: { cacheDir: join(folder, 'cache'), stateDir: folder },
    settings: { current: () => ({ appBackends }) },
  } as unknown as AppsDeps;
  const handlers = appHandlers(deps, () => deps.context);
  const asked: Params<'start'> = { host: 'alpha', app: 'x', command: [], options: {}, attach: true };
  const startable = (text: string, part: Partial<Params<'start'>> = {}) =>
    startableApp(deps, HOST, { ...asked, ...part }, text, new AbortController().signal);
  return { log, handlers, startable };
}

describe('startableApp', () => {
  it('is its command, name, kind and folder, and all that was asked for besides', async () => {
    const { id, params } = await rig().startable('Calculator');
    expect(id).toBe('org.x.Calc');
    expect(params).toEqual({
      ...{ host: 'alpha', app: 'x', options: {}, attach: true },
      ...{ command: ['calc', '--big'], name: 'Calculator', kind: 'app', cwd: '/opt/calc' },
    });
    expect((await rig().startable('vim')).params.kind).toBe('terminal');
  });

  it('gives way to what was asked for', async () => {
    const asked = { name: 'sums', kind: 'desktop', cwd: '/tmp', backend: 'vnc' } as const;
    const { params } = await rig({ 'org.x.Calc': 'xpra' }).startable('org.x.Calc', asked);
    expect(params).toMatchObject(asked);
    expect(params).not.toHaveProperty('why');
  });

  it('takes the backend of the settings, and says that it does', async () => {
    const { params } = await rig({ 'org.x.Calc': 'vnc' }).startable('org.x.Calc');
    expect(params).toMatchObject({ backend: 'vnc', why: expect.stringContaining('appBackends') });
    const { params: other } = await rig({ 'org.x.Calc': 'vnc' }).startable('vim');
    expect(other).not.toHaveProperty('backend');
  });

  it('is noted when it has been started, and not before', async () => {
    const { started } = await rig().startable('vim');
    const recent = () => readFileSync(join(folder, 'recent-apps.json'), 'utf8');
    expect(recent).toThrow();
    await started();
    expect(recent()).toContain('vim');
  });

  it('that is not there is refused', async () => {
    await expect(rig().startable('emacs')).rejects.toMatchObject({ code: 'application-missing' });
  });
});

describe('the applications of another host', () => {
  it('are asked for once it has said who it is, and told no second time to who has them', async () => {
    const { handlers, log } = rig();
    const { call } = fakeCall();
    const all = await handlers['apps.list']({ host: 'alpha' }, call);
    expect(all.applications?.map(({ id }) => id).sort()).toEqual(['org.x.Calc', 'vim']);
    expect(log).toEqual(['find alpha', 'ask', 'connect', 'apps.list']);
    const again = await handlers['apps.list']({ host: 'alpha', known: all.revision }, call);
    expect(again).toEqual({ revision: all.revision });
  });
});
