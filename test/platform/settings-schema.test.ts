import { describe, expect, it } from 'vitest';
import { judge, pathOf, requireGood, valueOfText, withValue } from '../../src/platform/settings-edit.ts';
import { DEFAULTS, SETTING_KEYS, SETTING_TEXTS, Settings } from '../../src/platform/settings-schema.ts';

describe('the documented settings', () => {
  it('are all there are', () => {
    expect([...SETTING_KEYS].sort()).toEqual(Object.keys(DEFAULTS).sort());
    expect(Object.keys(SETTING_TEXTS).sort()).toEqual(Object.keys(DEFAULTS).sort());
  });

  it.each(SETTING_KEYS)('%s has an example that works', (name) => {
    const words = /^hotdesk config set (\S+) (.+)$/u.exec(SETTING_TEXTS[name].example);
    const [, key = '', text = ''] = words ?? [];
    const path = pathOf(key);
    const raw = withValue({}, path, valueOfText(text.replace(/^'(.*)'$/u, '$1')));
    requireGood(raw, key, path);
    expect(judge(raw).settings[name]).not.toEqual(DEFAULTS[name]);
  });
});

describe('a typed-in host', () => {
  const isTaken = (target: string) => Settings.safeParse({ hosts: [{ name: 'a', target }] }).success;

  it('is what ssh takes, or a whole rdp:// URL', () => {
    for (const good of ['alpha', 'me@10.0.0.5:2222', 'rdp://desk', 'RDP://me@[fe80::1]:3390']) {
      expect(isTaken(good), good).toBe(true);
    }
    for (const bad of [
      '',
      '-x',
      'a b',
      'rdp://',
      'rdp:desk',
      'rdp://-x',
      'rdp://me:pw@desk',
      'rdp://a:99999',
    ]) {
      expect(isTaken(bad), bad).toBe(false);
    }
  });
});
