import { expect, it } from 'vitest';
import { findHost, onHost } from '../../src/cli/narrow.ts';
import { HotdeskError } from '../../src/kernel/errors.ts';
import { sample } from './samples.ts';

it('finds the host that is meant', () => {
  expect(findHost(sample().hosts, 'gamma').key).toBe('k-gamma');
});

it('names the hosts there are where it is none of them, and how to add one', () => {
  try {
    findHost(sample().hosts, 'delta');
    expect.unreachable();
  } catch (error) {
    if (!(error instanceof HotdeskError)) throw error;
    expect(error.toData()).toMatchObject({
      ...{ code: 'unknown-host', message: 'There is no host “delta”.' },
      candidates: ['here', 'alpha', 'gamma'],
      hint: expect.stringContaining('hotdesk hosts add'),
    });
  }
});

it('narrows the sessions to one host, and keeps all hosts', () => {
  const snapshot = sample();
  const narrowed = onHost(snapshot, 'gamma');
  expect(narrowed.sessions.map(({ name }) => name)).toEqual(['build']);
  expect(narrowed.hosts).toEqual(snapshot.hosts);
  expect(() => onHost(snapshot, 'delta')).toThrow('There is no host');
});
