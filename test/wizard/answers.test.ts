import { describe, expect, it } from 'vitest';
import { answersFor } from '../../src/wizard/answers.ts';
import type { Question } from '../../src/wizard/wizard.ts';

const QUESTIONS: readonly Question[] = [
  {
    id: 'key.which',
    kind: 'select',
    text: 'Which?',
    choices: [
      { value: 'new', label: 'new' },
      { value: 'none', label: 'none' },
    ],
    default: 'none',
    byYes: 'new',
  },
  {
    id: 'key.passphrase',
    kind: 'password',
    text: 'Passphrase',
    repeat: true,
    byYes: '',
    when: (a) => a['key.which'] === 'new',
  },
  {
    id: 'key.keyring',
    kind: 'confirm',
    text: 'Keep it?',
    default: false,
    when: (a) => a['key.which'] === 'none',
  },
];
const all = { lines: [], questions: QUESTIONS };

describe('answersFor', () => {
  it('takes what was given, and with --yes what may be agreed to', () => {
    expect(answersFor(all, {}, true)).toEqual({ 'key.which': 'new', 'key.passphrase': '' });
    expect(answersFor(all, { 'key.passphrase': 'x' }, true)).toEqual({
      'key.which': 'new',
      'key.passphrase': 'x',
    });
    expect(answersFor(all, { 'key.which': 'none', 'key.keyring': false }, false)).toEqual({
      'key.which': 'none',
      'key.keyring': false,
    });
  });

  it('never makes one up', () => {
    expect(() => answersFor(all, {}, false)).toThrow(/Which\?/u);
    expect(() => answersFor(all, { 'key.which': 'none' }, true)).toThrow(/Keep it\?/u);
  });

  it('takes no answer of another kind or list, and shows no secret', () => {
    expect(() => answersFor(all, { 'key.which': 'other' }, true)).toThrow(/“other”/u);
    expect(() => answersFor(all, { 'key.passphrase': true }, true)).toThrow(/“…”/u);
  });

  it('asks the question’s own check', () => {
    const text: Question = {
      id: 'a.b',
      kind: 'text',
      text: 'T',
      default: '',
      check: (v) => (v === 'ok' ? undefined : 'Not ok.'),
    };
    expect(answersFor({ lines: [], questions: [text] }, { 'a.b': 'ok' }, false)).toEqual({ 'a.b': 'ok' });
    expect(() => answersFor({ lines: [], questions: [text] }, { 'a.b': 'no' }, false)).toThrow('Not ok.');
  });
});
