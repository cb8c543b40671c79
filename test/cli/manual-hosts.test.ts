import { describe, expect, it } from 'vitest';
import { addHost, rdpUrlOf, removeHost } from '../../src/cli/manual-hosts.ts';

const attic = { name: 'attic', target: 'me@10.0.0.7' };

describe('typed-in hosts', () => {
  it('are added once, by default at their name', () => {
    expect(addHost([], 'nas')).toEqual([{ name: 'nas', target: 'nas' }]);
    expect(addHost([attic], 'attic', 'me@10.0.0.7')).toEqual([attic]);
    expect(() => addHost([attic], 'attic', 'other')).toThrow(
      expect.objectContaining({ code: 'bad-argument' }),
    );
  });

  it('are removed by name', () => {
    expect(removeHost([attic], 'attic')).toEqual([]);
    expect(() => removeHost([attic], 'nas')).toThrow(
      expect.objectContaining({ code: 'unknown-host', candidates: ['attic'] }),
    );
  });
});

it('an RDP server is written as a URL, however it was typed', () => {
  expect(rdpUrlOf('office')).toBe('rdp://office');
  expect(rdpUrlOf('LAB\\me@10.0.0.9:3390')).toBe('rdp://LAB\\me@10.0.0.9:3390');
  expect(rdpUrlOf('rdp://me@desk')).toBe('rdp://me@desk');
  for (const bad of ['', '-x', 'a b', 'me:pw@desk', 'fe80::1']) {
    expect(() => rdpUrlOf(bad), bad).toThrow(expect.objectContaining({ code: 'bad-argument' }));
  }
});
