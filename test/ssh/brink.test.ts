import { describe, expect, test, vi } from 'vitest';
import { Brink, isBrittle } from '../../src/ssh/brink.ts';

test.each([
  ['dropbear_2020.81', true],
  ['dropbear_2022.83', true],
  ['dropbear_2024.85', true],
  ['dropbear_2024.86', false],
  ['dropbear_2025.87', false],
  ['dropbear_2019.78', false],
  ['OpenSSH_9.2p1', false],
  ['', false],
])('%s: %s', (software, brittle) => {
  expect(isBrittle(software)).toBe(brittle);
});

describe('a command', () => {
  test('counts from its beginning until it lasts, and again before its end', () => {
    const ledge = { ending: 0 };
    const onLeave = vi.fn();
    const brink = new Brink(ledge, onLeave);
    expect(ledge.ending).toBe(1);
    brink.leave();
    brink.leave();
    expect(ledge.ending).toBe(0);
    brink.comeBack();
    brink.comeBack();
    expect(ledge.ending).toBe(1);
    brink.close();
    expect(ledge.ending).toBe(0);
    expect(onLeave).toHaveBeenCalledTimes(2);
  });

  test('that has ended counts no more, whatever comes late', () => {
    const ledge = { ending: 0 };
    const brink = new Brink(ledge, () => {});
    brink.close();
    brink.comeBack();
    brink.leave();
    brink.close();
    expect(ledge.ending).toBe(0);
  });
});
