import { expect, test } from 'vitest';
import { checkOptions, optionArgs } from '../../src/profiles/options.ts';
import { smallProfile } from './small-profile.ts';

const profile = smallProfile();
const refused = (options: Record<string, string | number | boolean>) => {
  try {
    checkOptions(profile, options);
  } catch (error) {
    return error;
  }
  return undefined;
};

test('defaults are filled in, text is taken as the option’s type', () => {
  expect(checkOptions(profile, {})).toEqual({ sound: false, size: 5, depth: 24, note: '' });
  expect(checkOptions(profile, { sound: 'Yes', size: '7', depth: '8', note: 'abc' })).toEqual({
    sound: true,
    size: 7,
    depth: 8,
    note: 'abc',
  });
});

test('an invalid value lists what is valid', () => {
  expect(refused({ depth: '9' })).toMatchObject({ code: 'bad-option', candidates: ['8', '24'] });
  expect(refused({ depth: '9' })).toMatchObject({ message: expect.stringContaining('8, 24') });
  expect(refused({ sound: 'maybe' })).toMatchObject({ code: 'bad-option', candidates: ['yes', 'no'] });
  for (const size of ['', ' ', '0', '11', 'NaN', 'Infinity', 'five']) {
    expect(refused({ size }), size).toMatchObject({ message: expect.stringContaining('from 1 to 10') });
  }
  for (const note of ['A', 'a\nb', 'a --x', 'a'.repeat(201)]) expect(refused({ note }), note).toBeDefined();
});

test('an unknown option lists the known ones', () => {
  expect(refused({ sounds: true })).toMatchObject({
    code: 'bad-option',
    candidates: ['sound', 'size', 'depth', 'note'],
  });
  expect(refused({ constructor: 'x' })).toMatchObject({ code: 'bad-option' });
});

test('arguments: booleans both ways, others only where they differ from the default', () => {
  expect(optionArgs(profile, 'start', checkOptions(profile, {}))).toEqual(['--no-sound']);
  expect(optionArgs(profile, 'start', checkOptions(profile, { sound: true }))).toEqual(['--sound']);
  expect(optionArgs(profile, 'view', checkOptions(profile, {}))).toEqual([]);
  expect(optionArgs(profile, 'view', checkOptions(profile, { size: 9, sound: true }))).toEqual([
    '--sound',
    '--size=9',
  ]);
});
