import { expect, it } from 'vitest';
import { shownHere, startedHere } from '../../src/model/opened-here.ts';

it('names the session so that it can be named again', () => {
  const session = { name: 'xterm', host: 'alpha', ref: 'xpra:100@alpha' };
  expect(startedHere(session)).toBe('xterm runs on alpha and is shown here (xpra:100@alpha).');
  expect(shownHere(session)).toBe('xterm@alpha is shown here.');
});
