import { describe, expect, it } from 'vitest';
import { hostIdOf, opaqueId } from '../../src/kernel/ids.ts';

describe('hostIdOf', () => {
  it('is stable, ignores the line end, and never holds the machine-id', () => {
    const id = '0123456789abcdef0123456789abcdef';
    expect(hostIdOf(`${id}\n`)).toBe(hostIdOf(id));
    expect(hostIdOf(id)).toMatch(/^[0-9a-f]{32}$/u);
    expect(hostIdOf(id)).not.toContain(id.slice(0, 8));
  });
});

describe('opaqueId', () => {
  it('tells sessions apart and nothing about them', () => {
    expect(opaqueId('h', 'xpra', '100')).not.toBe(opaqueId('h', 'xpra', '101'));
    expect(opaqueId('h', 'tmux', 'secret')).toMatch(/^[0-9a-f]{8}$/u);
  });
});
