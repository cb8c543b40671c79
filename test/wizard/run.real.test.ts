import { spawn } from 'node:child_process';
import { readFileSync, readlinkSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { STEP_IDS, type StepId, type WizardEvent } from '../../src/wizard/wizard.ts';
import { PASSWORD } from '../rigs/servers/account.ts';
import { startServer } from '../rigs/servers/server.ts';
import { descendants } from '../rigs/sshd/sshd.ts';
import { until } from '../rigs/until.ts';
import { ACCEPT, client, snapshot } from './rig.ts';

const ends: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

async function pair(password = PASSWORD) {
  const host = await startServer();
  ends.push(() => host.stop());
  rmSync(join(host.home, '.ssh'), { recursive: true });
  const user = client({ host: host.host, port: host.port, password });
  ends.push(() => user.remove());
  return { host, user };
}

describe('a run', () => {
  it('takes less than ten seconds, of which a second at most is our own work', async () => {
    const { user } = await pair();
    const cpu = process.cpuUsage();
    const began = performance.now();
    await user.run({ given: ACCEPT });
    const { user: ours, system } = process.cpuUsage(cpu);
    expect(performance.now() - began).toBeLessThan(10_000);
    expect((ours + system) / 1000).toBeLessThan(1000);
    const outcomes = user.events.filter((event) => event.event === 'outcome');
    expect(outcomes.map(({ step }) => step)).toEqual(STEP_IDS);
  });

  it('asks thrice for a password, and then no more', async () => {
    const { user } = await pair('wrong');
    await expect(user.run({ given: ACCEPT })).rejects.toMatchObject({ code: 'auth-failed' });
    expect(user.asked).toHaveLength(3);
  });

  it('that is stopped anywhere is taken up by the next, and taken back whole', async () => {
    for (const stopAt of ['trust', 'login', 'key'] satisfies StepId[]) {
      const { host, user } = await pair();
      const before = { here: snapshot(user.home), there: snapshot(host.home) };
      const stop = new AbortController();
      const seen = user.events.push.bind(user.events);
      user.events.push = (...events: WizardEvent[]) => {
        if (events.some((event) => event.event === 'doing' && event.step === stopAt)) stop.abort();
        return seen(...events);
      };
      await expect(user.run({ given: ACCEPT, signal: stop.signal })).rejects.toMatchObject({
        code: 'cancelled',
      });
      user.events.push = seen;
      const { outcomes } = await user.run({ given: ACCEPT });
      expect(outcomes.get('key')?.how).toMatch(/done|already/u);
      await user.undo();
      expect(snapshot(host.home)).toEqual(before.there);
      expect(snapshot(user.home)).toEqual(before.here);
    }
  });

  it('keeps the password out of every argument, environment and file', async () => {
    const { host, user } = await pair();
    // What is looked for would be found.
    const careless = spawn('sleep', ['60'], { env: { SECRET: PASSWORD } });
    ends.push(() => careless.kill());
    await until('it is found', () => processesWith(PASSWORD).length === 1);
    careless.kill();
    await until('it has ended', () => processesWith(PASSWORD).length === 0);

    const found: string[] = [];
    let looks = 0;
    const watching = setInterval(() => {
      looks += 1;
      found.push(...processesWith(PASSWORD));
    }, 5);
    try {
      await user.run({ given: ACCEPT });
    } finally {
      clearInterval(watching);
    }
    expect(looks).toBeGreaterThan(3);
    expect(found).toEqual([]);
    for (const home of [user.home, host.home]) {
      expect(Object.values(snapshot(home)).filter((each) => decoded(each).includes(PASSWORD))).toEqual([]);
    }
  });
});

function decoded(entry: string): string {
  return Buffer.from(entry.split(' ')[1] ?? '', 'base64').toString('latin1');
}

/** Programs of this test, here and on the host, in whose arguments or environment it stands. */
function processesWith(text: string): string[] {
  const read = (file: string) => {
    try {
      return readFileSync(file, 'latin1');
    } catch {
      // Ended while we looked.
      return '';
    }
  };
  return descendants(process.pid)
    .filter((pid) => ['cmdline', 'environ'].some((name) => read(`/proc/${pid}/${name}`).includes(text)))
    .map((pid) => {
      try {
        return readlinkSync(`/proc/${pid}/exe`);
      } catch {
        return String(pid);
      }
    });
}
