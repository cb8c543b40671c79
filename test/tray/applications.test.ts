import { beforeEach, expect, it } from 'vitest';
import type { Client } from '../../src/client/client.ts';
import { Applications } from '../../src/tray/applications.ts';
import { host } from './samples.ts';

const gimp = { id: 'gimp', name: 'GIMP', categories: ['Graphics'], terminal: false, command: ['gimp'] };
const power = { ...gimp, id: 'power', name: 'Power', hidden: 'local-only' as const };

let asked: Record<string, unknown>[];
let answers: Record<string, unknown>;
let now: number;
let changes: number;

beforeEach(() => {
  asked = [];
  answers = {};
  now = 0;
  changes = 0;
});

const applications = () =>
  new Applications({
    client: () =>
      ({
        call: async (_method: string, params: Record<string, unknown>) => {
          asked.push(params);
          const given = answers[String(params.host)];
          if (given instanceof Error) throw given;
          return given ?? { revision: '1', applications: [gimp, power] };
        },
      }) as unknown as Client,
    now: () => now,
    locale: 'de_DE.UTF-8',
    onChange: () => {
      changes += 1;
    },
  });
const settle = () => new Promise<void>((resolve) => setTimeout(resolve, 5));

it('asks usable hosts, one after the other, in the language of who reads', async () => {
  const apps = applications();
  apps.want([host('a'), host('b', { state: 'unreachable' }), host('c', { state: 'agentless' })]);
  expect(apps.shown.get('k-a')).toEqual({ state: 'asking' });
  expect(asked).toHaveLength(1);
  await settle();
  expect(asked).toEqual([
    { host: 'k-a', locale: 'de_DE.UTF-8' },
    { host: 'k-c', locale: 'de_DE.UTF-8' },
  ]);
  expect(apps.shown.get('k-a')).toEqual({
    state: 'known',
    apps: [{ id: 'gimp', name: 'GIMP', categories: ['Graphics'] }],
  });
  expect(apps.shown.has('k-b')).toBe(false);
});

it('asks again when somebody looks a while later, with what it knows, and keeps it where nothing changed', async () => {
  const apps = applications();
  apps.want([host('a')]);
  await settle();
  apps.freshen();
  await settle();
  expect(asked).toHaveLength(1);
  now = 100_000;
  answers = { 'k-a': { revision: '1' } };
  apps.freshen();
  await settle();
  expect(asked[1]).toMatchObject({ known: '1' });
  expect(apps.shown.get('k-a')).toMatchObject({ state: 'known' });
  expect(changes).toBe(1);
});

it('says why there are none, and keeps what was known when a later look fails', async () => {
  const apps = applications();
  answers = { 'k-a': new Error('no answer') };
  apps.want([host('a'), host('b')]);
  await settle();
  expect(apps.shown.get('k-a')).toEqual({ state: 'failed', why: 'no answer' });
  answers = { 'k-b': new Error('no answer') };
  now = 100_000;
  apps.freshen();
  await settle();
  expect(apps.shown.get('k-b')).toMatchObject({ state: 'known' });
});

it('puts what was started on top at once, and forgets hosts that are gone', async () => {
  const apps = applications();
  apps.want([host('a')]);
  await settle();
  now = 5000;
  apps.used('k-a', 'gimp');
  expect(apps.shown.get('k-a')).toMatchObject({ apps: [{ id: 'gimp', usedAt: 5 }] });
  apps.used('k-x', 'gimp');
  apps.want([]);
  expect(apps.shown.size).toBe(0);
});
