import { expect, test } from 'vitest';
import { byPreference } from '../../src/profiles/preference.ts';
import { smallProfile } from './small-profile.ts';

const named = (name: string) => smallProfile((text) => text.replace('name: small', `name: ${name}`));
const profiles = ['another', 'vnc', 'tmux', 'xpra', 'mine'].map(named);
const order = (own: readonly string[]) => byPreference(profiles, own).map(({ name }) => name);

test('ours by kind of use, those that nobody knows last, by name', () => {
  expect(order([])).toEqual(['xpra', 'vnc', 'tmux', 'another', 'mine']);
});

test('what the user prefers goes first, in that order', () => {
  expect(order(['mine', 'vnc', 'not-there'])).toEqual(['mine', 'vnc', 'xpra', 'tmux', 'another']);
});
