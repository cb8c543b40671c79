import { expect, it } from 'vitest';
import { questionCommand } from '../../src/tray/ask.ts';

const question = { title: 'Run on al_pha', text: '--a \\n <b>', value: '-rf' };

it('asks by zenity, or by kdialog, with no text that could be more than text', () => {
  expect(questionCommand(question, () => true)).toEqual([
    ...['zenity', '--entry', '--title=Run on al_pha', '--text=--a \\\\n <b>', '--entry-text=-rf'],
  ]);
  expect(questionCommand({ title: 't', text: '-a_b' }, (program) => program === 'kdialog')).toEqual([
    ...['kdialog', '--title=t', '--inputbox', 'a_b', ''],
  ]);
  expect(questionCommand(question, () => false)).toBeUndefined();
});
