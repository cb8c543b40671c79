/** Hosts that cannot be reached, do not let us in, or are not who they were. */
import { afterAll, afterEach, beforeAll, describe, expect, it, onTestFailed } from 'vitest';
import { type FaultDesk, Faults } from '../rigs/lab/faults.ts';
import { until } from '../rigs/until.ts';

const XTERM = /xterm|user@h2/u;

describe('a host that cannot be used', () => {
  let faults: Faults;
  let h1: FaultDesk;
  let h2: FaultDesk;
  let pid: number;
  /** Ends the fault, whether the test passed or not. */
  let undo: (() => Promise<unknown>)[] = [];

  beforeAll(async () => {
    faults = await Faults.up({ hosts: 2, avahi: [] });
    h1 = faults.desk(1);
    h2 = faults.desk(2);
  });
  afterAll(async () => {
    await faults?.down();
  });

  /** h1's agent anew, so that nothing is connected; what it must survive comes after. */
  const fresh = async () => {
    onTestFailed(async () => console.error(await h1.log()));
    await h1.restart();
    pid = await h1.agent();
  };
  const root = async (script: string) => {
    const ran = await h2.host.root(['sh', '-c', script]);
    if (ran.code !== 0) throw new Error(`${script}: ${ran.stderr}`);
    return ran.stdout.trim();
  };
  /** Whatever it was is over: a session starts and ends. */
  const works = async () => {
    await h1.ok(['start', 'h2', '--no-attach', '--', 'xterm']);
    await h1.ok(['stop', 'xterm', '--yes']);
  };
  const restart = async () => {
    await h2.host.service('sshd', 'stop');
    await h2.host.service('sshd', 'start');
  };
  const over = async () => {
    const steps = undo.reverse();
    undo = [];
    for (const step of steps) await step();
  };
  afterEach(async () => {
    await over();
    expect(await h1.agent()).toBe(pid);
    await faults.clean();
  });

  it('says that there is no such host or session, and which there are', async () => {
    await fresh();
    const host = await h1.fails(['start', 'nowhere', '--', 'xterm']);
    expect(host).toMatchObject({ code: 'unknown-host', exit: 3 });
    expect(host.hint).toContain('hotdesk setup nowhere');
    const session = await h1.fails(['attach', 'nothing@h2']);
    expect(session).toMatchObject({ code: 'unknown-session', exit: 3 });
    const option = await h1.fails(['start', '--', '-oProxyCommand=touch /tmp/owned', 'xterm']);
    expect(option).toMatchObject({ code: 'unknown-host', exit: 3 });
    expect((await h1.host.user(['test', '-e', '/tmp/owned'])).code).toBe(1);
  });

  it('says that the connection was refused', async () => {
    await h2.host.service('sshd', 'stop');
    undo.push(() => h2.host.service('sshd', 'start'));
    await fresh();
    const failure = await h1.fails(['start', 'h2', '--', 'xterm']);
    expect(failure).toMatchObject({ code: 'connection-refused', exit: 4 });
    expect(failure.message).toContain(h2.host.ip);
    expect(failure.hint).toBeTruthy();
    const row = (await h1.hosts()).find(({ name }) => name === 'h2');
    expect(row).toMatchObject({ state: 'unreachable', problem: { code: 'connection-refused' } });
    await over();
    await works();
  });

  it('gives up on a host that does not answer', async () => {
    await root(
      'nft "table inet mute { chain in { type filter hook input priority 0; tcp dport 22 drop; }; }"',
    );
    undo.push(() => root('nft delete table inet mute'));
    await fresh();
    const began = performance.now();
    const failure = await h1.fails(['start', 'h2', '--', 'xterm']);
    expect(['timeout', 'host-unreachable']).toContain(failure.code);
    expect(performance.now() - began).toBeLessThan(25_000);
    expect(failure.hint).toBeTruthy();
    await over();
    await works();
  });

  it('refuses a host whose key has changed, and says both fingerprints', async () => {
    const was = await root('ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub | cut -d" " -f2');
    await root(
      'cd /etc/ssh && mkdir -p kept && mv ssh_host_ed25519_key* kept/ && ssh-keygen -q -t ed25519 -N "" -f ssh_host_ed25519_key',
    );
    undo.push(restart, () => root('cd /etc/ssh && mv kept/* . && rmdir kept'));
    await restart();
    const now = await root('ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub | cut -d" " -f2');
    await fresh();
    const failure = await h1.fails(['start', 'h2', '--', 'xterm']);
    expect(failure).toMatchObject({ code: 'host-key-changed', exit: 5 });
    expect(`${failure.message} ${failure.hint}`).toContain(now);
    expect(`${failure.message} ${failure.hint}`).toContain(was);
    expect(failure.hint).toContain('ssh-keygen -R');
    // Trusting goes the way that is said, and no shorter one.
    const refused = await h1.fails(['trust', 'h2', '--fingerprint', now]);
    expect(refused).toMatchObject({ code: 'host-key-changed', exit: 5 });
    await over();
    await works();
  });

  it('refuses a host whose key is not known, until it is trusted by its fingerprint', async () => {
    const key = await root('ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub | cut -d" " -f2');
    await h1.host.user(['sh', '-c', 'mv .ssh/known_hosts .ssh/kept; : >.ssh/known_hosts']);
    undo.push(() => h1.host.user(['mv', '.ssh/kept', '.ssh/known_hosts']));
    await fresh();
    const failure = await h1.fails(['start', 'h2', '--', 'xterm']);
    expect(failure).toMatchObject({ code: 'host-key-unknown', exit: 5 });
    expect(`${failure.message} ${failure.hint}`).toContain(key);
    // What the hint says is what works.
    const [, name = ''] = /hotdesk trust ([\w.]+)/u.exec(failure.hint ?? '') ?? [];
    expect((await h1.fails(['trust', name])).code).toBe('confirmation-needed');
    const wrong = await h1.fails(['trust', 'h2', '--fingerprint', `SHA256:${'A'.repeat(43)}`]);
    expect(wrong).toMatchObject({ code: 'host-key-changed', exit: 5 });
    expect((await h1.host.user(['cat', '.ssh/known_hosts'])).stdout).toBe('');
    await h1.ok(['trust', 'h2', '--fingerprint', key]);
    await works();
    // ssh agrees.
    const ssh = await h1.host.user(['ssh', '-o', 'BatchMode=yes', h2.host.ip, 'true']);
    expect(ssh.code).toBe(0);
  });

  it('says that the login was refused, and tries again when told to', async () => {
    await h2.host.user(['mv', '.ssh/authorized_keys', '.ssh/kept']);
    undo.push(() => h2.host.user(['mv', '.ssh/kept', '.ssh/authorized_keys']));
    await fresh();
    const failure = await h1.fails(['start', 'h2', '--', 'xterm']);
    expect(failure).toMatchObject({ code: 'auth-failed', exit: 5 });
    expect(failure.hint).toBeTruthy();
    await over();
    await works();
  });

  it('notices a pulled cable within ten seconds, and comes back when it is plugged', async () => {
    await fresh();
    await h1.ok(['start', 'h2', '--', 'xterm']);
    const xterm = h2.xterms();
    const state = async () => (await h1.hosts()).find(({ name }) => name === 'h2')?.state;
    await until('h2 is connected', async () => (await state()) === 'agent');
    await h2.host.link('down');
    undo.push(() => h2.host.link('up'));
    const pulled = performance.now();
    await until('h2 is marked', async () => (await state()) === 'unreachable', 20_000);
    expect(performance.now() - pulled).toBeLessThan(10_000);
    await until('no viewer waits for it', () => h1.viewers().length === 0);
    await over();
    await until('h2 is back', async () => (await state()) === 'agent', 30_000);
    await until('its session is listed', async () => (await h1.session('xterm')) !== undefined);
    await h1.ok(['attach', 'xterm']);
    await until('h1 shows it', () => h1.shows(XTERM));
    expect(h2.xterms()).toEqual(xterm);
    await h1.ok(['stop', 'xterm', '--yes']);
  });

  it('goes on without the agent there, and meets the next one', async () => {
    await fresh();
    const state = async () => (await h1.hosts()).find(({ name }) => name === 'h2')?.state;
    await until('h2 is connected', async () => (await state()) === 'agent');
    await h1.ok(['start', 'h2', '--', 'xterm']);
    const xterm = h2.xterms();
    await h2.killAgent();
    await until('h2 has no agent', async () => (await state()) === 'agentless');
    expect((await h1.session('xterm'))?.shownAt).toEqual(['h1']);
    await h1.ok(['start', 'h2', '--no-attach', '--name', 'second', '--', 'xterm']);
    await h2.ok(['agent', 'start']);
    await until('h2 has one', async () => (await state()) === 'agent');
    for (const desk of [h1, h2]) {
      await until('both are listed', async () => (await desk.session('second')) !== undefined);
      await until('shown at h1', async () => (await desk.session('xterm'))?.shownAt.join() === 'h1');
    }
    expect(h2.xterms()).toEqual(expect.arrayContaining(xterm));
    await faults.stopAll();
  });
});
