import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openSettings } from '../../src/platform/settings.ts';
import { DEFAULTS } from '../../src/platform/settings-schema.ts';

describe('settings', () => {
  let folder: string;
  let file: string;
  const at = () => new Date('2026-01-02T03:04:05.678Z');

  beforeEach(() => {
    folder = path.join(mkdtempSync(path.join(tmpdir(), 'hotdesk-settings-')), 'hotdesk');
    file = path.join(folder, 'config.json');
  });
  afterEach(() => rmSync(path.dirname(folder), { recursive: true }));

  const write = (text: string) => {
    mkdirSync(folder, { recursive: true });
    writeFileSync(file, text);
  };

  it('are the defaults where there is no file', async () => {
    const settings = await openSettings(folder);
    expect(settings.current()).toEqual(DEFAULTS);
    expect(settings.problems()).toEqual([]);
    expect(settings.list().map(({ key }) => key)).toEqual(Object.keys(DEFAULTS));
  });

  it('keep what was set, in a file that the user alone can read, and nothing else', async () => {
    const settings = await openSettings(folder);
    await settings.set('advertise', 'off');
    await settings.set('profileOptions.xpra.speaker', 'true');
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual({
      advertise: 'off',
      profileOptions: { xpra: { speaker: true } },
    });
    expect((await openSettings(folder)).current()).toMatchObject({
      advertise: 'off',
      profileOptions: { xpra: { speaker: true } },
    });
  });

  it('close a file that others could read when they write it', async () => {
    write('{}');
    chmodSync(file, 0o644);
    await (await openSettings(folder)).set('idleMinutes', '30');
    expect(statSync(file).mode & 0o777).toBe(0o600);
  });

  it('keep both of two that are set at once', async () => {
    const settings = await openSettings(folder);
    await Promise.all([settings.set('idleMinutes', '60'), settings.set('advertise', 'off')]);
    expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual({ idleMinutes: 60, advertise: 'off' });
  });

  it('go back to the default', async () => {
    const settings = await openSettings(folder);
    expect(await settings.set('idleMinutes', '60')).toMatchObject({
      key: 'idleMinutes',
      value: 60,
      default: 15,
    });
    expect(await settings.unset('idleMinutes')).toMatchObject({ value: 15 });
    expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual({});
  });

  it('take no bad value, and change nothing then', async () => {
    const settings = await openSettings(folder);
    await settings.set('idleMinutes', '60');
    await expect(settings.set('idleMinutes', 'soon')).rejects.toThrow(
      'idleMinutes must be a number from 1 to 1440',
    );
    await expect(settings.set('nothing', '1')).rejects.toThrow('There is no setting "nothing".');
    expect(settings.current().idleMinutes).toBe(60);
  });

  it.each([
    ['no JSON', '{"advertise": "off"', 'it is not JSON'],
    ['no object', '[1]', 'it is no JSON object'],
    ['an advertise that there is not', '{"advertise": "of"}', 'advertise must be off'],
  ])('set a file aside that has %s, say so, and advertise nothing', async (_, text, why) => {
    write(text);
    const settings = await openSettings(folder, at);
    expect(readFileSync(`${file}.broken-20260102T030405Z`, 'utf8')).toBe(text);
    expect(settings.current()).toEqual({ ...DEFAULTS, advertise: 'off' });
    const [problem] = settings.problems();
    expect(problem?.message).toContain('config.json.broken-20260102T030405Z');
    expect(problem?.message).toContain(why);
    expect(problem?.message).toContain('advertising is off until you set it');
  });

  it('keep what is good in a file that is set aside', async () => {
    write('{"advertise": "presence", "idleMinutes": "x", "hosts": [{"name": "a", "target": "b"}]}');
    const settings = await openSettings(folder, at);
    expect(settings.current()).toEqual({
      ...DEFAULTS,
      advertise: 'presence',
      hosts: [{ name: 'a', target: 'b' }],
    });
    expect(settings.problems()[0]?.message).toContain('idleMinutes must be');
  });

  it('tell of the file as long as it is there, in later processes too', async () => {
    write('{');
    await openSettings(folder, at);
    const later = await openSettings(folder, at);
    expect(later.problems()).toHaveLength(1);
    expect(later.problems()[0]?.hint).toContain(`${file}.broken-20260102T030405Z`);
    rmSync(`${file}.broken-20260102T030405Z`);
    expect(later.problems()).toEqual([]);
  });

  it('never overwrite a file that was set aside before', async () => {
    write('{ first');
    await openSettings(folder, at);
    writeFileSync(file, '{ second');
    await openSettings(folder, at);
    const aside = readdirSync(folder).filter((name) => name.includes('broken'));
    expect(aside.map((name) => readFileSync(path.join(folder, name), 'utf8')).sort()).toEqual([
      '{ first',
      '{ second',
    ]);
  });

  it('see an edit by hand, and keep the last good ones while it is broken', async () => {
    const settings = await openSettings(folder);
    await settings.set('idleMinutes', '20');
    writeFileSync(file, '{"idleMinutes": 30}');
    utimesSync(file, 1, 1);
    expect(settings.current().idleMinutes).toBe(30);
    writeFileSync(file, '{"idleMinutes": 30');
    utimesSync(file, 2, 2);
    expect(settings.current().idleMinutes).toBe(30);
    expect(settings.problems()[0]?.message).toContain('The settings file is broken: it is not JSON');
    await expect(settings.set('idleMinutes', '40')).rejects.toThrow('nothing was changed');
    expect(readFileSync(file, 'utf8')).toBe('{"idleMinutes": 30');
  });

  it('keep and name a key of another version', async () => {
    write('{"fromTheFuture": 1}');
    const settings = await openSettings(folder);
    await settings.set('idleMinutes', '30');
    expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual({ fromTheFuture: 1, idleMinutes: 30 });
    expect(settings.problems()[0]?.message).toContain('"fromTheFuture"');
  });
});
