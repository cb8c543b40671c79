import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { PeerCalls } from '../../../src/actions/context.ts';
import {
  type AppsHost,
  findApp,
  iconsOf,
  listApps,
  noteStarted,
  tidy,
} from '../../../src/agent/apps/apps.ts';
import { HotdeskError } from '../../../src/kernel/errors.ts';
import type { Application } from '../../../src/model/application.ts';
import type { Machine } from '../../../src/model/machine.ts';

const app = (id: string, part: Partial<Application> = {}): Application => ({
  id,
  name: id,
  categories: [],
  terminal: false,
  command: [id],
  ...part,
});

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'hotdesk-apps-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));
const files = () => ({ cache: join(folder, 'cache'), recent: join(folder, 'recent.json') });
const signal = new AbortController().signal;
const machine = {
  exec: async () => {
    throw new HotdeskError('connection-lost', 'not asked here');
  },
} as unknown as Machine;

/** A host whose agent has `list` at `revision`; `asked` is what it was asked. */
function host(list: Application[], revision = 'r1') {
  const asked: string[] = [];
  const now = { revision, list };
  const peer = {
    call: async (method: string, params: { known?: string; locale?: string; ids?: string[] }) => {
      asked.push(
        method === 'apps.list' ? `list ${params.locale} ${params.known}` : `icons ${params.ids?.join(' ')}`,
      );
      if (method === 'apps.list') {
        return params.known === now.revision
          ? { revision: now.revision }
          : { revision: now.revision, applications: now.list };
      }
      const data = Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"></svg>').toString('base64');
      return {
        icons: (params.ids ?? []).filter((id) => id !== 'bare').map((id) => ({ id, type: 'svg', data })),
      };
    },
  } as unknown as PeerCalls;
  const row: AppsHost = { key: 'K', name: 'alpha', machine, peer };
  return { row, asked, now };
}

describe('listApps', () => {
  it('asks only whether anything changed once it has a list, in each language', async () => {
    const { row, asked, now } = host([app('a')]);
    const ids = async (locale: string) =>
      (await listApps(files(), row, locale, signal)).applications.map(({ id }) => id);
    expect(await ids('de_DE')).toEqual(['a']);
    expect(await ids('de_DE')).toEqual(['a']);
    expect(await ids('fr_FR')).toEqual(['a']);
    now.revision = 'r2';
    now.list = [app('b')];
    expect(await ids('de_DE')).toEqual(['b']);
    expect(asked).toEqual(['list de_DE ', 'list de_DE r1', 'list fr_FR ', 'list de_DE r1']);
  });

  it('reads again what a damaged cache does not tell', async () => {
    const { row, asked } = host([app('a')]);
    await listApps(files(), row, 'C', signal);
    for (const name of readdirSync(files().cache)) writeFileSync(join(files().cache, name), '{"hotdesk": 1');
    expect((await listApps(files(), row, 'C', signal)).applications).toHaveLength(1);
    expect(asked).toEqual(['list C ', 'list C ']);
  });

  it('makes safe what another agent says, and takes no word for what was used here', async () => {
    const { row } = host([app('a', { name: '\u202eEvil\u001b[2J', comment: 'x\ny', usedAt: 9 }), app('b')]);
    await noteStarted(files(), 'K', 'b', 5000);
    expect((await listApps(files(), row, 'C', signal)).applications).toEqual([
      app('a', { name: 'Evil [2J', comment: 'x y' }),
      app('b', { usedAt: 5 }),
    ]);
    expect(tidy(app('x', { name: '\u0007' })).name).toBe('x');
  });

  it('reads the host itself where its agent knows no such question', async () => {
    const old = {
      call: async () => Promise.reject(new HotdeskError('protocol-error', 'There is no method.')),
    };
    const row = { ...host([]).row, peer: old as unknown as PeerCalls };
    await expect(listApps(files(), row, 'C', signal)).rejects.toMatchObject({ code: 'connection-lost' });
  });
});

describe('iconsOf', () => {
  it('asks for each once a revision, also for those that are not there', async () => {
    const { row, asked, now } = host([
      app('a', { icon: 'i' }),
      app('bare', { icon: 'none' }),
      app('without'),
    ]);
    const ids = async () => [
      ...(await iconsOf(files(), row, ['a', 'bare', 'without', 'unknown'], signal)).keys(),
    ];
    expect(await ids()).toEqual(['a']);
    expect(await ids()).toEqual(['a']);
    expect(asked.filter((each) => each.startsWith('icons'))).toEqual(['icons a bare']);
    now.revision = 'r2';
    expect(await ids()).toEqual(['a']);
    expect(asked.filter((each) => each.startsWith('icons'))).toEqual(['icons a bare', 'icons a bare']);
    // Those of the revision before are gone.
    const [hostFolder = ''] = readdirSync(join(files().cache, 'icons'));
    expect(readdirSync(join(files().cache, 'icons', hostFolder))).toHaveLength(1);
  });
});

describe('findApp', () => {
  const list = [
    app('org.gnome.Calculator', { name: 'Rechner' }),
    app('org.kde.calculator', { name: 'KCalc' }),
    app('firefox', { name: 'Firefox Web Browser' }),
    app('firefox-esr', { name: 'Firefox ESR' }),
  ];
  it.each([
    ['firefox', 'firefox'],
    ['firefox.desktop', 'firefox'],
    ['ORG.GNOME.Calculator', 'org.gnome.Calculator'],
    ['rechner', 'org.gnome.Calculator'],
    ['firefox web browser', 'firefox'],
  ])('%s', (text, id) => expect(findApp(text, list, 'alpha').id).toBe(id));

  it('says what could be meant', () => {
    expect(() => findApp('calculator', list, 'alpha')).toThrow(
      expect.objectContaining({
        code: 'ambiguous',
        candidates: ['org.gnome.Calculator', 'org.kde.calculator'],
      }),
    );
    expect(() => findApp('fire', list, 'alpha')).toThrow(
      expect.objectContaining({ code: 'application-missing', candidates: ['firefox', 'firefox-esr'] }),
    );
  });
});
