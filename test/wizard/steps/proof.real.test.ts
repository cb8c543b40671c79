import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { proofStep } from '../../../src/wizard/steps/proof.ts';
import type { AgentCalls } from '../../../src/wizard/wizard.ts';
import { type Answering, FACTS, failure, signal, visitOf } from './visit.ts';

const ends: (() => void)[] = [];
afterEach(() => {
  for (const end of ends.splice(0)) end();
});

/** What the probe's script says of a host that has these. */
const has = (...names: string[]) => names.map((name) => `hotdesk-has:${name}\t\t${name} 1.0\n`).join('');

function proof(answering: Answering, agent: Partial<AgentCalls> = {}) {
  const { visit, calls, remove } = visitOf({ facts: FACTS, ...answering });
  ends.push(remove);
  // A viewer of xpra that is there for the probe.
  const bin = join(visit.here.home, 'bin');
  mkdirSync(bin);
  writeFileSync(join(bin, 'xpra'), '#!/bin/sh\necho xpra v6.0\n');
  chmodSync(join(bin, 'xpra'), 0o755);
  const deps = {
    ...visit.deps,
    agent: { ...visit.deps.agent, ...agent },
    env: { ...visit.deps.env, PATH: `${bin}:/usr/bin:/bin` },
  };
  const step = proofStep({ ...visit, deps, place: { name: 'alpha' } as never });
  const run = async () => {
    await step.look(signal);
    await step.explain(signal);
    await step.do({ 'proof.run': true }, () => {}, signal);
    return (await step.verify(() => {}, signal)).map(({ text }) => text);
  };
  return { step, run, calls };
}

describe('the proof', () => {
  it('is a window where there is a display here and something to open there', async () => {
    const { run, calls } = proof({
      says: { 'hotdesk-has': has('xpra', 'tmux'), xeyes: 'xeyes\n' },
      env: { DISPLAY: ':0' },
    });
    const lines = await run();
    expect(calls).toEqual([
      'start xpra xeyes',
      'attach xpra:1@alpha',
      'detach xpra:1@alpha',
      'attach xpra:1@alpha',
      'stop xpra:1@alpha',
    ]);
    expect(lines).toHaveLength(5);
    for (const line of lines) expect(line).toMatch(/: \d+\.\d\d s$/u);
  });

  it('is a terminal without a display, or without an X program there', async () => {
    const noDisplay = proof({ says: { 'hotdesk-has': has('xpra', 'tmux'), xeyes: 'xeyes\n' } });
    await noDisplay.run();
    expect(noDisplay.calls[0]).toBe('start tmux');
    const noProgram = proof({ says: { 'hotdesk-has': has('xpra', 'tmux') }, env: { DISPLAY: ':0' } });
    await noProgram.run();
    expect(noProgram.calls[0]).toBe('start tmux');
  });

  it('leaves no session when it fails', async () => {
    const { run, calls } = proof(
      { says: { 'hotdesk-has': has('tmux') } },
      { attach: async () => Promise.reject(failure) },
    );
    await expect(run()).rejects.toBe(failure);
    expect(calls).toEqual(['start tmux', 'stop tmux:1@alpha']);
  });

  it('needs a backend, and a login that asks nobody', async () => {
    expect(await proof({ says: {} }).step.look(signal)).toMatchObject({
      state: 'blocked',
      needs: 'backends',
    });
    const { visit, remove } = visitOf({ facts: FACTS });
    ends.push(remove);
    visit.keyWorks = false;
    expect(await proofStep(visit).look(signal)).toMatchObject({ state: 'blocked', needs: 'key' });
  });
});
