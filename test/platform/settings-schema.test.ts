import { describe, expect, it } from 'vitest';
import { judge, pathOf, requireGood, valueOfText, withValue } from '../../src/platform/settings-edit.ts';
import { DEFAULTS, SETTING_KEYS, SETTING_TEXTS } from '../../src/platform/settings-schema.ts';

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
