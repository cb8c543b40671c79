import { describe, expect, it } from 'vitest';
import { Notices } from '../../src/tray/notices.ts';

const plain = (text: string, subject?: string) => ({
  text,
  choices: [],
  ...(subject === undefined ? {} : { subject }),
});

describe('notices', () => {
  it('stay until they are answered, the latest first, one a subject', () => {
    let changes = 0;
    const notices = new Notices(() => {
      changes += 1;
    });
    notices.add(plain('a', 'x'));
    notices.add(plain('b'));
    const id = notices.add(plain('c', 'x'));
    expect(notices.shown.map(({ text }) => text)).toEqual(['c', 'b']);
    notices.answer(id, 'read');
    notices.answer(id, 'read');
    expect(notices.shown.map(({ text }) => text)).toEqual(['b']);
    expect(changes).toBe(4);
  });

  it('do what is chosen, once', () => {
    const ran: string[] = [];
    const notices = new Notices(() => {});
    const choices = ['keep', 'back'].map((id) => ({ id, label: id, run: () => ran.push(id) }));
    const id = notices.add({ text: 'x', choices });
    notices.answer(id, 'back');
    notices.answer(id, 'keep');
    notices.answer('unknown', 'keep');
    expect(ran).toEqual(['back']);
  });

  it('do not grow for ever, and what is to be decided goes last', () => {
    const notices = new Notices(() => {});
    notices.add({ text: 'decide', choices: [{ id: 'a', label: 'A', run: () => {} }] });
    for (let n = 0; n < 200; n += 1) notices.add(plain(`${n}`));
    expect(notices.shown).toHaveLength(50);
    expect(notices.shown.at(-1)?.text).toBe('decide');
  });
});
