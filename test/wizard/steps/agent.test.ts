import { afterEach, describe, expect, it } from 'vitest';
import { HOTDESK_VERSION } from '../../../src/protocol/version.ts';
import type { FarFacts } from '../../../src/wizard/far/far.ts';
import { agentStep } from '../../../src/wizard/steps/agent.ts';
import { FACTS, signal, visitOf } from './visit.ts';

const ends: (() => void)[] = [];
afterEach(() => {
  for (const end of ends.splice(0)) end();
});

function stepFor(facts: FarFacts | undefined) {
  const { visit, remove } = visitOf({ facts });
  ends.push(remove);
  return agentStep(visit);
}
const look = (facts: FarFacts | undefined) => stepFor(facts).look(signal);
const textOf = (lines: readonly { text: string }[]) => lines.map(({ text }) => text).join('\n');

describe('the step agent', () => {
  it('says plainly that a host without Node, or with an old one, goes without', async () => {
    for (const [node, words] of [
      [undefined, 'alpha has no Node'],
      [{ path: '/usr/bin/node', version: '18.19.0' }, 'Node 18.19.0 on alpha is too old (20.19 or newer'],
      [{ path: '/usr/bin/node', version: '20.18.9' }, 'too old'],
    ] as const) {
      const { state, facts } = await look({ ...FACTS, node });
      expect(state).toBe('done');
      expect(textOf(facts)).toContain(words);
      expect(textOf(facts)).toContain('used without it, over SSH alone');
    }
  });

  it('has nothing to do where an agent runs, all to do where Node is there', async () => {
    const socket = '/run/user/1000/hotdesk/agent.sock';
    expect((await look({ ...FACTS, socket, returns: true })).state).toBe('done');
    // Started by hand: gone after a restart.
    expect((await look({ ...FACTS, socket })).state).toBe('todo');
    expect((await look(FACTS)).state).toBe('todo');
  });

  it('is blocked where nothing can run, and needs a login', async () => {
    expect(await look(undefined)).toMatchObject({ state: 'blocked', why: { code: 'not-supported' } });
    const { visit, remove } = visitOf({ facts: FACTS });
    ends.push(remove);
    visit.connection = undefined;
    expect(await agentStep(visit).look(signal)).toMatchObject({ state: 'blocked', needs: 'login' });
  });

  it('asks about lingering only where there is systemd and it does not linger', async () => {
    const ids = async (facts: FarFacts) =>
      (await stepFor(facts).explain(signal)).questions.map(({ id }) => id);
    expect(await ids(FACTS)).toEqual(['agent.install', 'agent.linger']);
    expect(await ids({ ...FACTS, lingers: true })).toEqual(['agent.install']);
    expect(await ids({ ...FACTS, systemd: false })).toEqual(['agent.install']);
  });

  it('copies nothing over a hotdesk that the user has installed', async () => {
    const explained = async (path: string, version: string) =>
      textOf((await stepFor({ ...FACTS, hotdesk: { path, version } }).explain(signal)).lines);
    expect(await explained('/usr/bin/hotdesk', '0.0.1')).not.toContain('Copied');
    expect(await explained('/home/me/.local/bin/hotdesk', HOTDESK_VERSION)).not.toContain('Copied');
    expect(await explained('/home/me/.local/bin/hotdesk', '0.0.1')).toContain('Copied');
  });

  it('changes nothing on a no', async () => {
    const step = stepFor(FACTS);
    await step.look(signal);
    expect(await step.do({ 'agent.install': false }, () => {}, signal)).toBe('declined');
  });
});
