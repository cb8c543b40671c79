import { expect, it } from 'vitest';
import { mayAsk } from '../../src/cli/attend.ts';

it('lets a host ask during what a person does with it, and not during a look around', () => {
  expect(mayAsk('start', {})).toBe(true);
  expect(mayAsk('terminal.open', {})).toBe(true);
  expect(mayAsk('profiles.test', { host: 'alpha' })).toBe(true);
  expect(mayAsk('catalogue', { look: 'auto' })).toBe(false);
  expect(mayAsk('catalogue', { look: 'auto', host: 'alpha' })).toBe(true);
  expect(mayAsk('doctor', {})).toBe(false);
  expect(mayAsk('status', { host: 'alpha' })).toBe(false);
});
