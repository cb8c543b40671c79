import { describe, expect, it } from 'vitest';
import type { AgentContext } from '../../src/agent/context.ts';
import { type DiagnoseDeps, diagnose } from '../../src/agent/diagnose.ts';
import { HotdeskError } from '../../src/kernel/errors.ts';
import type { Host } from '../../src/model/host.ts';
import { fakeMachine } from '../profiles/fake-machine.ts';
import { smallProfile } from '../profiles/small-profile.ts';
import { host } from './found-host.ts';

const profile = smallProfile((text) =>
  text.replace(
    'options:\n',
    `  viewer:
    programs: [smallview]
    version: { argv: [smallview, -V], pattern: 'small (?<version>[0-9.]+)' }
    install: { any: see small.example }
versions:
  - { one: '<2', other: '>=2', message: Old and new do not talk, hint: Take the same version. }
options:
`,
  ),
);
/** A machine with that version of the program, or without it. */
const machineWith = (version: string | undefined) =>
  fakeMachine(() => ({
    stdout: `hotdesk-has:small\t${version ? '' : 'small'}\t${version ? `small ${version}` : ''}\n`,
  })).machine;

interface Given {
  readonly there?: string | undefined;
  readonly here?: string | undefined;
  readonly row?: Partial<Host>;
  readonly error?: Error;
  readonly peer?: object;
}

async function checksOf({ there = '1.5', here = '1.5', row = {}, error, peer }: Given) {
  const found = host('alpha', row);
  const context = {
    findHost: async () => found,
    host: () => ({ ...found, finders: ['manual'] }),
    connected: async () => {
      if (error) throw error;
      return { machine: { ...machineWith(there), login: { vouchedFor: 'vouched for by X' } }, peer };
    },
  } as unknown as AgentContext;
  const deps = { context, backends: { usable: () => [profile] }, here: machineWith(here) };
  const checks = await diagnose(deps as unknown as DiagnoseDeps, 'alpha', new AbortController().signal);
  return new Map(checks.map((check) => [check.name, check]));
}

describe('a host that is connected to', () => {
  it('is told of as it is then, with who vouches for it, its agent and what it can run', async () => {
    const checks = await checksOf({ peer: { agent: { version: '9.9' } } });
    expect([...checks.values()].map(({ state }) => state)).not.toContain('failed');
    expect(checks.get('found')?.detail).toBe('by manual');
    expect(checks.get('host key')?.detail).toBe('vouched for by X');
    expect(checks.get('agent')).toMatchObject({ state: 'ok', detail: 'hotdesk 9.9' });
    expect(checks.get('backend small')).toMatchObject({ state: 'ok', detail: '1.5' });
  });

  it('has no agent where none answers, and lacks what is not installed, with the cure', async () => {
    const checks = await checksOf({ there: '' });
    expect(checks.get('agent')?.state).toBe('warning');
    expect(checks.get('backend small')).toMatchObject({
      state: 'warning',
      detail: expect.stringContaining('has no small'),
      hint: expect.stringContaining('small.example'),
    });
  });

  it('is told where its version and ours do not fit, and only there', async () => {
    expect((await checksOf({ there: '1.5', here: '2.0' })).get('versions small')).toMatchObject({
      state: 'failed',
      detail: expect.stringContaining('the host has 1.5, this machine 2.0'),
      hint: 'Take the same version.',
    });
    expect((await checksOf({ there: '2.1', here: '2.0' })).has('versions small')).toBe(false);
  });
});

describe('a host that cannot be used', () => {
  it('is told with the stage at which that ends', async () => {
    const checks = await checksOf({ error: new HotdeskError('auth-failed', 'No key is taken.') });
    expect(checks.get('reachable')?.state).toBe('ok');
    expect(checks.get('login')).toMatchObject({ state: 'failed', detail: 'No key is taken.' });
    expect(checks.get('commands')?.state).toBe('skipped');
    expect(checks.has('backend small')).toBe(false);
  });

  it('is told too where what failed has no code', async () => {
    const checks = await checksOf({ error: new Error('boom') });
    expect(checks.get('commands')).toMatchObject({ state: 'failed', detail: 'boom' });
  });
});

it.each([
  // Every machine has 127.0.0.0/8 on its loopback; nothing is in 240.0.0.0/4 (RFC 1112 §4).
  ['127.0.0.9', 'ok', 'same subnet'],
  ['240.0.0.1', 'warning', 'on another subnet: mDNS does not reach it'],
  [undefined, 'ok', 'by name'],
])('a host at %s is there by its network: %s, %s', async (address, state, detail) => {
  const addresses = address === undefined ? [] : [{ address, family: 4 as const }];
  for (const error of [undefined, new HotdeskError('timeout', 'no')]) {
    const checks = await checksOf({ row: { addresses }, ...(error ? { error } : {}) });
    expect(checks.get('network')).toMatchObject({ state, detail });
  }
});
