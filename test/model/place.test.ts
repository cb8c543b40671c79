import { describe, expect, it } from 'vitest';
import { isTerminalWish, seatFor } from '../../src/model/place.ts';

describe('what will be a terminal session', () => {
  it.each([
    [{ command: [] }, true],
    [{ command: ['xterm'] }, false],
    [{ command: ['htop'], kind: 'terminal' as const }, true],
    [{ command: [], kind: 'desktop' as const }, false],
    [{ command: ['make'], backendKinds: ['terminal'] }, true],
    [{ command: ['make'], backendKinds: ['terminal', 'app'] }, false],
    [{ command: [], backendKinds: ['terminal', 'app'] }, true],
    [{ command: [], backendKinds: ['app'] }, false],
  ])('%j: %s', (wish, expected) => {
    expect(isTerminalWish(wish)).toBe(expected);
  });
});

it('lends the terminal to a terminal session, and gives a seat to everything else', () => {
  expect(seatFor({ isTerminal: true, seat: ':0' }, true)).toBeUndefined();
  expect(seatFor({ isTerminal: true, seat: ':0' }, false)).toBe(':0');
  expect(seatFor({ isTerminal: false, seat: ':0' }, true)).toBe(':0');
  expect(seatFor({ isTerminal: true, seat: undefined }, false)).toBeUndefined();
});
