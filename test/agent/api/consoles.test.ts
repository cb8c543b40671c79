/** Connection files, as far as a viewer: what is read, who is asked, and what is refused before anything runs. */
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Keeping } from '../../../src/agent/account/kept.ts';
import { consoleHandlers } from '../../../src/agent/api/consoles.ts';
import type { AgentContext } from '../../../src/agent/context.ts';
import { Prompts } from '../../../src/agent/prompts.ts';
import { HotdeskError } from '../../../src/kernel/errors.ts';
import type { Host } from '../../../src/model/host.ts';
import type { Profile } from '../../../src/model/profile.ts';
import type { PromptData } from '../../../src/protocol/api.ts';
import { fakes, HOST } from '../../actions/fake-context.ts';
import { packaged } from '../../contract/packaged.ts';
import { until } from '../../rigs/until.ts';
import { fakeCall } from './call.ts';

const base64 = (text: string) => Buffer.from(text).toString('base64');
const ASKS = base64('full address:s:desk.example:3390\r\nusername:s:me\r\ndrivestoredirect:s:*\r\n');
const VV = base64('[virt-viewer]\ntype=spice\nhost=vm.example\nport=5900\ntitle=winxp\ndelete-this-file=1\n');

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'hd-consoles-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** @param set settings by the name of a console */
function rig(set: Readonly<Record<string, Readonly<Record<string, string>>>> = {}) {
  const console = packaged('console');
  // Nothing is ever run.
  const view = (console.view ?? []).map((viewer) => ({ ...viewer, program: 'no-such-viewer' }));
  const profile = { ...console, view };
  const here = { ...HOST, key: 'ME', name: 'me', state: 'local' as const };
  const prompts = new Prompts();
  const log: string[] = [];
  const context = Object.assign(fakes().context, {
    rows: () => ({ hosts: [HOST, here], sessions: [], answerOf: new Map() }),
    backend: async () => ({ profile }),
    findHost: async () => {
      throw new HotdeskError('unknown-host', 'There is no such host.');
    },
    options: async (_backend: unknown, place: { session: string; host: Host }, given: object) => {
      const { session, host } = place;
      log.push(`settings of “${session}” at ${host.name}`);
      return { ...defaults(profile), ...set[session], ...given };
    },
  });
  const handlers = consoleHandlers(
    {
      prompts,
      keeping: {} as Keeping,
      env: {},
      viewerFolder: folder,
      paths: { stateDir: folder },
      settings: { current: () => ({ preferViewers: [] }) },
      seats: {
        pick: async (id) => {
          log.push(`seat ${id}`);
          return { id, kind: 'x11', env: {} } as never;
        },
      },
    },
    () => context as unknown as AgentContext,
  );
  return { handlers, prompts, log };
}

const defaults = ({ options }: Profile) =>
  Object.fromEntries(Object.entries(options).map(([name, spec]) => [name, spec.default]));

describe('console.look', () => {
  it('says what would be obeyed, and asks and opens nothing', async () => {
    const { handlers, prompts, log } = rig();
    const { call, sent } = fakeCall();
    prompts.attend(call.connection);
    const look = await handlers['console.look']({ data: ASKS, options: {} }, call);
    expect(look).toMatchObject({ host: 'desk.example', once: false });
    expect(look.leftOut.join()).toContain('drivestoredirect');
    expect(await handlers['console.look']({ data: VV, options: {} }, call)).toMatchObject({
      ...{ name: 'winxp', host: 'vm.example', once: true },
    });
    expect(sent).toEqual([]);
    expect(log.filter((line) => line.startsWith('seat'))).toEqual([]);
    expect(readdirSync(folder)).toEqual([]);
  });

  it('reads it by the settings of the name that is in it, which they cannot change', async () => {
    const { handlers, log } = rig({ winxp: { fullscreen: 'yes' } });
    const { name } = await handlers['console.look']({ data: VV, options: {} }, fakeCall().call);
    expect(name).toBe('winxp');
    expect(log).toEqual(['settings of “” at me', 'settings of “winxp” at me']);
  });

  it('refuses what is no such file', async () => {
    const looking = rig().handlers['console.look'](
      { data: base64('#!/bin/sh\n'), options: {} },
      fakeCall().call,
    );
    await expect(looking).rejects.toMatchObject({ code: 'bad-argument' });
  });
});

describe('console.open', () => {
  const params = { data: ASKS, options: {}, seat: ':0' };

  it('without a display opens nothing, and asks for no password', async () => {
    const { handlers, prompts, log } = rig();
    const { call, sent } = fakeCall();
    prompts.attend(call.connection);
    const opening = handlers['console.open']({ data: ASKS, options: {} }, call);
    await expect(opening).rejects.toMatchObject({ code: 'no-seat' });
    expect([sent, log]).toEqual([[], []]);
  });

  it('asks the view whose call it is for the password that the file lacks, and ends where it has none', async () => {
    const { handlers, prompts } = rig();
    const { call, sent, said } = fakeCall();
    prompts.attend(call.connection);
    const opening = Promise.resolve(handlers['console.open'](params, call));
    const refused = expect(opening).rejects.toMatchObject({ code: 'auth-failed' });
    await until('it asks', () => sent.length > 0);
    const [[event, data] = []] = sent;
    const asked = data as PromptData;
    expect([event, asked.host, asked.user, asked.port]).toEqual(['prompt', 'desk.example', 'me', 3390]);
    expect(asked.prompts).toMatchObject([{ echo: false }]);
    prompts.refuse(call.connection, asked.id);
    await refused;
    expect(said).toEqual([]);
    expect(readdirSync(folder)).toEqual([]);
  });

  it('says which viewer is missing, and leaves no file with what was answered', async () => {
    const { handlers, prompts } = rig();
    const { call, sent } = fakeCall();
    prompts.attend(call.connection);
    const opening = Promise.resolve(handlers['console.open'](params, call));
    const refused = expect(opening).rejects.toMatchObject({ code: 'viewer-missing' });
    await until('it asks', () => sent.length > 0);
    const [[, data] = []] = sent;
    prompts.answer(call.connection, (data as PromptData).id, ['sesame']);
    await refused;
    expect(readdirSync(folder)).toEqual([]);
  });

  it('asks nobody where nobody attends: the server has a login screen of its own', async () => {
    const { handlers } = rig();
    const { call, sent, said } = fakeCall();
    await expect(handlers['console.open'](params, call)).rejects.toMatchObject({ code: 'viewer-missing' });
    expect(sent).toEqual([]);
    expect(said).toHaveLength(1);
  });
});

it('a file that needs no password is opened without a question', async () => {
  const { handlers, prompts } = rig();
  const { call, sent } = fakeCall();
  prompts.attend(call.connection);
  const opening = handlers['console.open']({ data: VV, options: {}, seat: ':0' }, call);
  await expect(opening).rejects.toMatchObject({ code: 'viewer-missing' });
  expect(sent).toEqual([]);
});

describe('console.host', () => {
  it('of a host that nobody knows asks for nothing', async () => {
    const { handlers, prompts } = rig();
    const { call, sent } = fakeCall();
    prompts.attend(call.connection);
    const opening = handlers['console.host']({ host: 'desk', options: {}, seat: ':0' }, call);
    await expect(opening).rejects.toMatchObject({ code: 'unknown-host' });
    expect(sent).toEqual([]);
  });
});
