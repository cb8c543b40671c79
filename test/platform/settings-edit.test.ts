import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { HotdeskError } from '../../src/kernel/errors.ts';
import {
  judge,
  pathOf,
  requireGood,
  valueAt,
  valueOfText,
  withValue,
} from '../../src/platform/settings-edit.ts';
import { DEFAULTS } from '../../src/platform/settings-schema.ts';

function failure(work: () => unknown): HotdeskError {
  try {
    work();
  } catch (error) {
    if (error instanceof HotdeskError) return error;
    throw error;
  }
  throw new Error('it did not fail');
}

describe('judge', () => {
  it('completes an empty file with the defaults', () => {
    expect(judge({})).toEqual({ settings: DEFAULTS, bad: [], unknown: [] });
    expect(DEFAULTS.advertise).toBe('sessions');
  });

  it('keeps what is good beside what is bad or unknown', () => {
    const judged = judge({ advertise: 'loud', idleMinutes: 5, newer: 1 });
    expect(judged.bad).toEqual(['advertise']);
    expect(judged.unknown).toEqual(['newer']);
    expect(judged.settings).toEqual({ ...DEFAULTS, idleMinutes: 5 });
  });

  it.each([
    ['hosts', [{ name: 'a', target: '-oProxyCommand=x' }]],
    ['hosts', [{ name: 'a', target: 'a b' }]],
    ['hosts', [{ name: 'a', target: 'a\nb' }]],
    ['hosts', [{ name: '', target: 'a' }]],
    ['hosts', [{ name: 'a', target: 'a', port: 22 }]],
    ['hosts', { a: 'b' }],
    ['idleMinutes', 0],
    ['idleMinutes', '5'],
    ['idleMinutes', Number.NaN],
    ['idleMinutes', 'yes'],
    ['profileOptions', { xpra: { speaker: [] } }],
    ['profileOptions', { 'a.b': { c: 1 } }],
  ])('takes no %s like %j', (key, value) => {
    expect(judge({ [key]: value }).bad).toEqual([key]);
  });

  it('judges any JSON without throwing, and its settings are always whole', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (raw) => {
        expect(Object.keys(judge(raw).settings).sort()).toEqual(Object.keys(DEFAULTS).sort());
      }),
    );
  });
});

describe('pathOf', () => {
  it('takes the dots of an application’s id for its own', () => {
    expect(pathOf('appBackends.org.gnome.Calculator')).toEqual(['appBackends', 'org.gnome.Calculator']);
    expect(pathOf('appBackends')).toEqual(['appBackends']);
    expect(failure(() => pathOf('appBackends.a b')).code).toBe('bad-settings');
  });

  it('splits a dotted key', () => {
    expect(pathOf('profileOptions.xpra.speaker')).toEqual(['profileOptions', 'xpra', 'speaker']);
    expect(pathOf('advertise')).toEqual(['advertise']);
  });

  it.each([
    'advertize',
    '',
    'advertise.x',
    'profileOptions.a.b.c',
    '__proto__',
    'constructor',
    'profileOptions.__proto__',
    'profileOptions..x',
  ])('knows no %j', (key) => {
    expect(failure(() => pathOf(key))).toMatchObject({ code: 'bad-settings', exitCode: 2 });
  });

  it('names what may have been meant', () => {
    expect(failure(() => pathOf('minutes')).candidates).toEqual(['idleMinutes']);
  });
});

describe('withValue', () => {
  const path = fc.array(fc.stringMatching(/^[a-z]{1,3}$/u), { minLength: 1, maxLength: 3 });

  it('puts a value where valueAt finds it, and leaves its argument alone', () => {
    fc.assert(
      fc.property(
        fc.dictionary(fc.stringMatching(/^[a-z]{1,3}$/u), fc.jsonValue()),
        path,
        fc.integer(),
        (raw, at, value) => {
          const before = structuredClone(raw);
          expect(valueAt(withValue(raw, at, value), at)).toBe(value);
          expect(raw).toEqual(before);
        },
      ),
    );
  });

  it('takes a value away, and the objects that it leaves empty', () => {
    const raw = { profileOptions: { xpra: { a: 1 } }, idleMinutes: 30 };
    expect(withValue(raw, ['profileOptions', 'xpra', 'a'], undefined)).toEqual({ idleMinutes: 30 });
    expect(withValue({ idleMinutes: 30 }, ['profileOptions', 'xpra', 'a'], undefined)).toEqual({
      idleMinutes: 30,
    });
  });
});

describe('valueOfText', () => {
  it('reads JSON, and takes the rest as it is', () => {
    expect([valueOfText('5'), valueOfText('true'), valueOfText('off'), valueOfText('"5"')]).toEqual([
      5,
      true,
      'off',
      '5',
    ]);
  });
});

describe('requireGood', () => {
  it('says what a value must be, and gives an example', () => {
    const error = failure(() => requireGood({ advertise: 'loud' }, 'advertise', ['advertise']));
    expect(error.message).toBe(
      'advertise cannot be "loud": advertise must be off, presence, sessions or names.',
    );
    expect(error.hint).toContain('hotdesk config set advertise');
  });
});
