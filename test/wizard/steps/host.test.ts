import { afterEach, describe, expect, it } from 'vitest';
import type { Host } from '../../../src/model/host.ts';
import type { SetupDeps, Visit } from '../../../src/wizard/deps.ts';
import { createVisit } from '../../../src/wizard/setup.ts';
import { hostStep } from '../../../src/wizard/steps/host.ts';
import type { Choice, Question } from '../../../src/wizard/wizard.ts';
import { client } from '../rig.ts';
import { signal } from './visit.ts';

const ends: (() => void)[] = [];
afterEach(() => {
  for (const end of ends.splice(0)) end();
});

const row = (name: string, part: Partial<Host> = {}): Host => ({
  key: `name:${name}`,
  name,
  addresses: [{ address: '10.0.0.7', family: 4 }],
  finders: ['mdns'],
  state: 'found',
  adverts: [],
  ...part,
});
const ROWS = [
  row('here', { state: 'local' }),
  row('alpha', { hostName: 'alpha.local', aliases: ['alpha.example'], sshPort: 2222, state: 'agent' }),
  row('work', { finders: ['ssh-config'], sshName: 'work', addresses: [] }),
  row('desk', { state: 'rdp-only', rdp: { host: 'desk.local', port: 3389, typed: false } }),
];

/** @param host of the command line */
function picking(host?: string) {
  const user = client({ host: '127.0.0.1', port: 1 });
  ends.push(user.remove);
  let tell: (rows: readonly Host[]) => void = () => {};
  let watching = 0;
  const deps: SetupDeps = {
    ...user.deps,
    host,
    // No ssh: its defaults.
    ssh: { ...user.deps.ssh, ssh: '/nonexistent/ssh' },
    agent: {
      ...user.deps.agent,
      watchHosts: (onChange) => {
        watching += 1;
        tell = onChange;
        onChange(ROWS);
        return () => {
          watching -= 1;
        };
      },
    },
  };
  const visit: Visit = createVisit(deps);
  return {
    visit,
    step: hostStep(visit),
    calls: user.calls,
    tell: (rows: readonly Host[]) => tell(rows),
    watching: () => watching,
  };
}

async function pickOf(step: ReturnType<typeof hostStep>): Promise<Question & { kind: 'select' }> {
  await step.look(signal);
  const found = (await step.explain(signal)).questions.find(({ id }) => id === 'host.pick');
  if (found?.kind !== 'select') throw new Error('no list');
  return found;
}

describe('the step host', () => {
  it('lists what is found, less this machine, and goes on as others appear', async () => {
    const { step, tell, watching } = picking();
    const question = await pickOf(step);
    const labels = (choices: readonly Choice[]) => choices.map(({ label }) => label);
    expect(labels(question.choices)).toEqual(['alpha', 'work', 'another one, to be typed in']);
    expect(question.choices[0]?.hint).toBe('on this network, 10.0.0.7, hotdesk is there');
    expect(question.choices[1]?.hint).toBe('in ssh_config, work');
    const seen: (readonly Choice[])[] = [];
    const stop = question.live?.((choices) => seen.push(choices));
    tell([...ROWS, row('late')]);
    expect(labels(seen.at(-1) ?? [])).toContain('late');
    stop?.();
    // The one that gave the first list ends a moment later.
    await new Promise(setImmediate);
    expect(watching()).toBe(0);
  });

  it('goes by what finders know of the one that is picked', async () => {
    const { step, visit } = picking();
    await pickOf(step);
    expect(await step.do({ 'host.pick': 'alpha' }, () => {}, signal)).toBe('done');
    expect(visit.place).toMatchObject({
      name: 'alpha',
      target: { name: 'alpha', port: 2222, addresses: [{ address: '10.0.0.7' }] },
      id: expect.stringMatching(/@\[alpha\]:2222$/u),
    });
  });

  it('takes what is typed in, keeps it only on a yes, and forgets it on undo', async () => {
    const { step, visit, calls } = picking();
    await pickOf(step);
    const typed = { 'host.pick': 'other', 'host.name': 'me@10.9.9.9:2200' };
    await step.do({ ...typed, 'host.keep': false }, () => {}, signal);
    expect(visit.place).toMatchObject({ name: '10.9.9.9', row: undefined, id: 'me@[10.9.9.9]:2200' });
    expect(calls).toEqual([]);
    await step.do({ ...typed, 'host.keep': true }, () => {}, signal);
    expect(calls).toEqual(['keep 10.9.9.9']);
    await step.undo(() => {}, signal);
    expect(calls).toEqual(['keep 10.9.9.9', 'forget 10.9.9.9']);
    expect(await visit.journal.entries()).toEqual([]);
  });

  it('has nothing to ask about a host of the command line that is known, by any of its names', async () => {
    for (const name of ['alpha', 'ALPHA.local', 'work', 'me@alpha']) {
      expect((await picking(name).step.look(signal)).state).toBe('done');
    }
    const { step, visit } = picking('other.example');
    expect((await step.look(signal)).state).toBe('todo');
    expect((await step.explain(signal)).questions.map(({ id }) => id)).toEqual(['host.keep']);
    expect(visit.place?.resolved.hostName).toBe('other.example');
  });

  it('does not offer what speaks RDP alone, and makes an SSH host of it when it is named', async () => {
    const { step, visit, calls } = picking('desk');
    expect((await step.look(signal)).state).toBe('todo');
    expect(visit.place).toMatchObject({ row: undefined, target: { addresses: [{ address: '10.0.0.7' }] } });
    await step.do({ 'host.keep': true }, () => {}, signal);
    expect(calls).toEqual(['keep desk']);
  });

  it('waits for a host of this network that is named and not found yet', async () => {
    const { step, visit, tell } = picking('late');
    const looked = step.look(signal);
    setTimeout(() => tell([...ROWS, row('late', { hostName: 'late.local', sshPort: 2200 })]), 20);
    expect((await looked).state).toBe('done');
    expect(visit.place?.id).toMatch(/@\[late\]:2200$/u);
  });

  it('takes another port for another host, and refuses this machine and what is no name', async () => {
    expect((await picking('alpha.example:22').step.look(signal)).state).toBe('todo');
    await expect(picking('here').step.look(signal)).rejects.toMatchObject({ code: 'bad-argument' });
    await expect(picking('-oProxyCommand=x').step.look(signal)).rejects.toMatchObject({
      code: 'bad-argument',
    });
  });
});
