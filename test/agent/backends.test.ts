import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Backends } from '../../src/agent/backends.ts';
import { silentLogger } from '../../src/kernel/log.ts';
import type { Machine } from '../../src/model/machine.ts';
import { openSettings } from '../../src/platform/settings.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'hotdesk-backends-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

describe('Backends', () => {
  it('puts applications first, and a broken file of the user’s disables itself alone', async () => {
    mkdirSync(path.join(folder, 'profiles'));
    writeFileSync(path.join(folder, 'profiles', 'mine.yaml'), 'schema: 1\nname: mine\nnonsense: true\n');
    const backends = new Backends(await openSettings(folder), folder, silentLogger);
    await backends.load();
    expect(backends.usable()[0]?.name).toBe('xpra');
    expect(backends.all().find((p) => p.problem)).toMatchObject({
      name: 'mine',
      problem: { code: 'bad-profile' },
    });
  });

  it('reads the files again where one came, changed or went; one that says the same is the same', async () => {
    const backends = new Backends(await openSettings(folder), folder, silentLogger);
    await backends.load();
    expect(await backends.freshen()).toBe(false);
    const file = path.join(folder, 'profiles', 'mine.yaml');
    const child = (title: string) =>
      `schema: 1\nname: mine\ntitle: ${title}\nextends: tmux\nkinds: [terminal]\n`;
    const mine = () => backends.usable().find(({ name }) => name === 'mine');
    const tmux = backends.usable().find(({ name }) => name === 'tmux');
    mkdirSync(path.dirname(file));
    writeFileSync(file, child('One'));
    expect([await backends.freshen(), mine()?.title]).toEqual([true, 'One']);
    const one = mine();
    writeFileSync(file, child('Another'));
    expect([await backends.freshen(), mine()?.title]).toEqual([true, 'Another']);
    expect(mine()).not.toBe(one);
    expect(backends.usable().find(({ name }) => name === 'tmux')).toBe(tmux);
    rmSync(file);
    expect([await backends.freshen(), mine(), await backends.freshen()]).toEqual([true, undefined, false]);
  });

  it('takes options as given over those of the settings over the defaults', async () => {
    const settings = await openSettings(folder);
    await settings.set('profileOptions.xpra.speaker', 'true');
    const backends = new Backends(settings, folder, silentLogger);
    await backends.load();
    const xpra = backends.usable()[0];
    if (!xpra) throw new Error('xpra is packaged');
    expect(backends.options(xpra, {})).toMatchObject({ speaker: true, clipboard: true });
    expect(backends.options(xpra, { speaker: false })).toMatchObject({ speaker: false });
    expect(() => backends.options(xpra, { encoding: 'nope' })).toThrow(
      expect.objectContaining({ code: 'bad-option' }),
    );
  });

  it('says of a value of the settings that nobody can take how it is got rid of', async () => {
    const settings = await openSettings(folder);
    await settings.set('profileOptions.xpra', '{"quality": 999, "nosuch": 1}');
    await settings.set('hostOptions', '{"alpha.local": {"xpra": {"speed": "much"}}}');
    const backends = new Backends(settings, folder, silentLogger);
    await backends.load();
    const xpra = backends.usable()[0];
    if (!xpra) throw new Error('xpra is packaged');
    const hint = (given: Record<string, number>, host: string[] = []) => {
      try {
        backends.options(xpra, given, { host });
      } catch (error) {
        return (error as { hint?: string }).hint;
      }
      return 'taken';
    };
    expect(hint({})).toBe('It stands in the settings: `hotdesk config unset profileOptions.xpra.nosuch`.');
    await settings.set('profileOptions.xpra', '{"quality": 999}');
    expect(hint({})).toBe('It stands in the settings: `hotdesk config unset profileOptions.xpra.quality`.');
    expect(hint({ quality: 5 })).toBe('taken');
    expect(hint({ quality: 1000 })).toBeUndefined();
    expect(hint({ quality: 5 }, ['alpha.local'])).toBe(
      'It stands in the settings: `hotdesk config get hostOptions`.',
    );
  });

  it('takes what was given over the session’s, the host’s, the profile’s settings, in that order', async () => {
    const settings = await openSettings(folder);
    await settings.set('profileOptions.xpra', '{"quality": 1, "speed": 1, "dpi": 1, "encoding": "png"}');
    await settings.set('hostOptions', '{"alpha.local": {"xpra": {"quality": 2, "speed": 2, "dpi": 2}}}');
    await settings.set('sessionOptions.firefox@alpha', '{"quality": 3, "speed": 3}');
    const backends = new Backends(settings, folder, silentLogger);
    await backends.load();
    const xpra = backends.usable().find(({ name }) => name === 'xpra');
    if (!xpra) throw new Error('xpra is packaged');
    const where = { host: ['alpha', 'alpha.local'], session: ['firefox@alpha', 'firefox'] };
    expect(backends.options(xpra, { quality: 4 }, where)).toMatchObject({
      quality: 4,
      speed: 3,
      dpi: 2,
      encoding: 'png',
    });
    expect(
      backends.options(xpra, {}, { host: ['beta'], session: ['firefox@beta', 'firefox'] }),
    ).toMatchObject({
      quality: 1,
    });
  });

  it('binds a profile to a machine once, and names those that there are', async () => {
    const backends = new Backends(await openSettings(folder), folder, silentLogger);
    await backends.load();
    const machine = { name: 'here' } as Machine;
    expect(backends.bind('tmux', machine)).toBe(backends.bind('tmux', machine));
    expect(() => backends.bind('none', machine)).toThrow(
      expect.objectContaining({
        code: 'unknown-profile',
        candidates: expect.arrayContaining(['xpra', 'tmux']),
      }),
    );
  });
});
