import { describe, expect, test } from 'vitest';
import { firstLoose } from '../../src/ssh/strict-modes.ts';

const line = (mode: string, owner = 1000) => `${mode} 2 ${owner} 1000 4096 Jan  1 00:00 /home/u`;
const text = (...lines: string[]) => `1000\n${lines.join('\n')}\n`;

describe('what sshd minds', () => {
  test('nothing, where only the user may write', () => {
    expect(firstLoose(text(line('drwxr-xr-x'), line('drwx------'), line('-rw-r--r--')))).toBeUndefined();
    expect(
      firstLoose(text(line('drwxr-xr-x', 0), line('drwx------', 0), line('-rw-r--r--', 0))),
    ).toBeUndefined();
  });

  test.each([
    ['', 0],
    ['/.ssh', 1],
    ['/.ssh/authorized_keys', 2],
  ])('a writer in %j', (place, index) => {
    for (const mode of ['drwxrwxr-x', 'drwxr-xrwx', 'drwxrwxrwt', 'drwxrwsr-x+']) {
      const lines = Array.from({ length: 3 }, (_, i) => line(i === index ? mode : 'drwx------'));
      expect(firstLoose(text(...lines))).toEqual({ place, why: 'writable' });
    }
  });

  test('another owner', () => {
    expect(firstLoose(text(line('drwxr-xr-x'), line('drwx------', 1001)))).toEqual({
      place: '/.ssh',
      why: 'owner',
    });
  });

  test('what is not there, or is no listing, is passed over', () => {
    expect(firstLoose(text(line('drwxr-xr-x'), 'none', 'none'))).toBeUndefined();
    expect(firstLoose('')).toBeUndefined();
    expect(firstLoose('what?\nls: no such option')).toBeUndefined();
  });
});
