import { expect, it } from 'vitest';
import { type RdpFacts, rdpChecks } from '../../../src/agent/rdp/checks.ts';
import { HotdeskError } from '../../../src/kernel/errors.ts';
import { host } from '../found-host.ts';

const facts: RdpFacts = {
  host: host('desk', { state: 'rdp-only', addresses: [{ address: '10.0.0.5', family: 4 }] }),
  port: 3389,
  answer: { nla: true },
  trust: undefined,
  viewer: '/usr/bin/xfreerdp',
};
const stateOf = (more: Partial<RdpFacts>, name: string) =>
  rdpChecks({ ...facts, ...more }).find((check) => check.name === name)?.state;

it('says what can be told of a host with RDP alone, and what cannot', () => {
  expect(rdpChecks(facts).map(({ name, state }) => [name, state])).toEqual([
    ['found', 'ok'],
    ['rdp', 'ok'],
    ['certificate', 'ok'],
    ['login, sessions', 'skipped'],
    ['viewer', 'ok'],
  ]);
  const silent = { answer: new HotdeskError('timeout', 'Nothing answered.') };
  expect(stateOf(silent, 'rdp')).toBe('failed');
  expect(stateOf(silent, 'certificate')).toBe('skipped');
  expect(rdpChecks({ ...facts, ...silent }).find(({ name }) => name === 'rdp')?.hint).toContain('3389');
  expect(stateOf({ trust: new HotdeskError('host-key-unknown', 'new') }, 'certificate')).toBe('warning');
  expect(stateOf({ trust: new HotdeskError('host-key-changed', 'other') }, 'certificate')).toBe('failed');
  expect(stateOf({ viewer: undefined }, 'viewer')).toBe('warning');
});
