import { describe, expect, it } from 'vitest';
import { mayLookAt } from '../../src/agent/targets.ts';
import { host } from './found-host.ts';

describe('mayLookAt', () => {
  it('leaves entries of ssh_config alone until they are named', () => {
    expect(mayLookAt(host('work', { finders: ['ssh-config'] }))).toBe(false);
    expect(mayLookAt(host('typed', { finders: ['manual'] }))).toBe(true);
    expect(mayLookAt(host('desk', { finders: ['manual'], state: 'rdp-only' }))).toBe(false);
    expect(mayLookAt(host('found', { addresses: [{ address: '10.0.0.3', family: 4 }] }))).toBe(true);
  });
});
