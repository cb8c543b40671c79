import { describe, expect, it } from 'vitest';
import { hostChecks, type LocalFacts, localChecks } from '../../src/agent/doctor.ts';
import { HotdeskError } from '../../src/kernel/errors.ts';
import type { Host } from '../../src/model/host.ts';

const host: Host = {
  key: 'A',
  name: 'alpha',
  addresses: [{ address: '10.0.0.1', family: 4 }],
  finders: ['mdns'],
  state: 'found',
  adverts: [],
};
const fine = {
  host,
  onLink: true,
  failure: undefined,
  vouchedFor: undefined,
  agent: { version: '1' },
  backends: [],
  pairs: [],
};
const states = (checks: readonly { name: string; state: string }[]) =>
  Object.fromEntries(checks.map((c) => [c.name, c.state]));

describe('hostChecks', () => {
  it('finds nothing wrong where nothing is', () => {
    expect(hostChecks(fine).every((c) => c.state === 'ok')).toBe(true);
  });

  it('says who vouches for the host key, where that is an authority', () => {
    const detail = (vouchedFor?: string) =>
      hostChecks({ ...fine, vouchedFor }).find(({ name }) => name === 'host key')?.detail;
    expect(detail()).toBe('known, and the one it was');
    expect(detail('vouched for by X')).toBe('vouched for by X');
  });

  it.each([
    ['connection-refused', 'reachable'],
    ['timeout', 'reachable'],
    ['host-unreachable', 'reachable'],
    ['host-key-unknown', 'host key'],
    ['host-key-changed', 'host key'],
    ['auth-failed', 'login'],
    ['command-failed', 'commands'],
    ['protocol-error', 'reachable'],
    ['bad-settings', 'reachable'],
    ['unsafe-file', 'host key'],
    ['forward-refused', 'commands'],
  ] as const)('puts %s at the stage “%s”, and does not blame what comes after', (code, stage) => {
    const checks = hostChecks({ ...fine, failure: new HotdeskError(code, 'no', { hint: 'cure' }) });
    const failed = checks.filter((c) => c.state === 'failed');
    expect(failed).toEqual([{ name: stage, state: 'failed', detail: 'no', hint: 'cure' }]);
    expect(
      checks.slice(checks.findIndex((c) => c.state === 'failed') + 1).every((c) => c.state === 'skipped'),
    ).toBe(true);
    expect(states(checks).agent).toBeUndefined();
  });

  it('always has a cure for an unreachable host, and says when it is on another subnet', () => {
    const checks = hostChecks({
      ...fine,
      onLink: false,
      failure: new HotdeskError('connection-refused', 'no'),
    });
    expect(checks.find((c) => c.name === 'reachable')?.hint).toContain('openssh-server');
    expect(checks.find((c) => c.name === 'network')).toMatchObject({ state: 'warning' });
  });

  it.each([
    ['timeout', '2222/tcp'],
    ['connection-lost', 'MaxStartups'],
    ['auth-failed', '`hotdesk setup alpha`'],
    ['command-failed', '`ssh -v alpha`'],
  ] as const)('has a cure of its own for “%s”', (code, cure) => {
    const failure = new HotdeskError(code, 'no');
    const checks = hostChecks({ ...fine, host: { ...host, sshPort: 2222 }, failure });
    expect(checks.find((c) => c.state === 'failed')?.hint).toContain(cure);
  });

  it('warns of a host without an agent and shows pairs that cannot talk', () => {
    const pair = { name: 'versions xpra', state: 'failed', detail: 'too old' } as const;
    const checks = hostChecks({ ...fine, agent: undefined, pairs: [pair] });
    expect(states(checks)).toMatchObject({ agent: 'warning', 'versions xpra': 'failed' });
  });
});

describe('localChecks', () => {
  const facts: LocalFacts = {
    advertising: { level: 'sessions', mode: 'avahi' },
    discovery: 'mDNS on eth0',
    avahi: 'runs',
    sshd: { port: 22, state: 'runs' },
    keys: [{ label: 'ed25519 /home/me/.ssh/id_ed25519', needsPassphrase: false }],
    at: { manager: 'apt', isRoot: true, hasSudo: false, hasSystemd: false },
    problems: [],
    backends: [{ name: 'xpra', present: true, detail: '3.1', hint: undefined }],
    viewers: [],
    seats: [':0'],
  };

  it('finds nothing wrong where nothing is', () => {
    expect(localChecks(facts).every((c) => c.state === 'ok')).toBe(true);
  });

  it('names the cause and the cure of each thing', () => {
    const checks = localChecks({
      ...facts,
      advertising: { level: 'off', mode: 'none' },
      avahi: 'missing',
      sshd: { port: 22, state: 'missing' },
      problems: [new HotdeskError('port-taken', 'Port 5353 is taken.', { hint: 'by what: ss -lup' })],
      backends: [{ name: 'xpra', present: false, detail: 'missing', hint: 'apt install xpra' }],
      seats: [],
    });
    const bad = checks.filter((c) => c.state !== 'ok');
    expect(bad.map((c) => c.name)).toEqual([
      'advertising',
      'avahi',
      'discovery',
      'ssh server',
      'backend xpra',
      'display',
    ]);
    expect(bad.every((c) => c.hint)).toBe(true);
    expect(bad.some((c) => c.hint?.includes('sudo'))).toBe(false);
  });

  it.each([
    [[], 'hotdesk setup'],
    [[{ label: 'rsa x', needsPassphrase: true }], 'ssh-add'],
  ] as const)('says what keys of yours are good for', (keys, cure) => {
    const check = localChecks({ ...facts, keys }).find(({ name }) => name === 'your key');
    expect(check).toMatchObject({ state: 'warning', hint: expect.stringContaining(cure) });
  });

  it('names ssh settings that ssh itself refuses', () => {
    const checks = localChecks({ ...facts, keys: new HotdeskError('bad-settings', 'line 1: Bad option') });
    expect(checks.find(({ state }) => state === 'failed')).toMatchObject({
      name: 'ssh settings',
      hint: expect.stringContaining('ssh -G'),
    });
  });

  it.each([
    ['avahi', { avahi: 'stopped' }, 'avahi-daemon --daemonize'],
    ['avahi', { avahi: 'missing' }, 'apt install avahi-daemon'],
    ['ssh server', { sshd: { port: 2222, state: 'stopped' } }, 'service ssh start'],
    ['ssh server', { sshd: { port: 22, state: 'missing' } }, 'apt install openssh-server'],
  ] as const)('tells a stopped %s from a missing one', (name, some, cure) => {
    const check = localChecks({ ...facts, ...some }).find((each) => each.name === name);
    expect(check?.state).toBe('warning');
    expect(check?.hint).toContain(cure);
    expect(check?.detail.startsWith('n')).toBe(cure.startsWith('apt'));
  });
});
