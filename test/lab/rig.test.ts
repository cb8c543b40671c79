import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Lab } from '../rigs/lab/lab.ts';
import { until } from '../rigs/until.ts';

const nothing = { processes: [], sockets: [], listening: [], files: [] };

describe('the lab', () => {
  let lab: Lab;
  let tookMs = 0;
  const files = mkdtempSync(path.join(tmpdir(), 'hotdesk-rig-'));

  beforeAll(async () => {
    const started = performance.now();
    lab = await Lab.up({
      hosts: 3,
      avahi: [1, 2],
      seats: true,
      sshdConfig: { 3: ['AllowStreamLocalForwarding no', 'Banner /etc/hostname'] },
    });
    tookMs = performance.now() - started;
  });
  afterAll(async () => {
    await lab.down();
    rmSync(files, { recursive: true });
  });

  it('is up within ten seconds', () => {
    expect(tookMs).toBeLessThan(10_000);
  });

  it('has hosts of their own name, machine-id and home', async () => {
    const looks = await Promise.all(
      lab.hosts.map((host) => host.user(['sh', '-c', 'hostname; cat /etc/machine-id; id -un; pwd'])),
    );
    const rows = looks.map(({ stdout }) => stdout.trim().split('\n'));
    expect(rows.map((row) => [row[0], row[2], row[3]])).toEqual([
      ['h1', 'user', '/home/user'],
      ['h2', 'user', '/home/user'],
      ['h3', 'user', '/home/user'],
    ]);
    expect(new Set(rows.map((row) => row[1])).size).toBe(3);
  });

  it('passes environment, input and exit code', async () => {
    const ran = await lab
      .host(1)
      .user(['sh', '-c', 'cat; echo "$A" >&2; exit 3'], { env: { A: 'b c' }, stdin: 'é' });
    expect([ran.code, ran.stdout, ran.stderr]).toEqual([3, 'é', 'b c\n']);
  });

  it('kills what takes too long', async () => {
    const ran = await lab.host(1).user(['sleep', '60'], { timeoutMs: 200 });
    expect(ran.code).toBeUndefined();
    expect((await lab.host(1).leftovers()).processes).toEqual([]);
  });

  it('has ssh between hosts, by key and by known host key', async () => {
    const ran = await lab
      .host(1)
      .user(['ssh', '-o', 'BatchMode=yes', lab.host(2).ip, 'hostname; command -v hotdesk']);
    expect([ran.stderr, ran.stdout]).toEqual(['', 'h2\n/usr/local/bin/hotdesk\n']);
  });

  it('takes lines for sshd_config', async () => {
    const ran = await lab.host(1).user(['ssh', '-o', 'BatchMode=yes', lab.host(3).ip, 'true']);
    expect(ran.stderr).toBe('h3\n');
    const config = await lab.host(3).root(['/usr/sbin/sshd', '-T']);
    expect(config.stdout).toContain('allowstreamlocalforwarding no\n');
  });

  it('runs Avahi where it was asked for: each sees the other, and services stop and start', async () => {
    const [h1, h2, h3] = [lab.host(1), lab.host(2), lab.host(3)];
    const publish = h2.spawn(['avahi-publish', '-s', 'from h2', '_lab._tcp', '7'], { timeoutMs: 60_000 });
    const browse = async () => (await h1.user(['avahi-browse', '-rpt', '_lab._tcp'])).stdout;
    await until('h1 sees h2', async () => (await browse()).includes(`;h2.local;${h2.ip};7;`));
    expect(h3.processes(true).some(({ argv }) => argv[0]?.startsWith('avahi-daemon'))).toBe(false);
    await h2.service('avahi', 'stop');
    expect(h2.processes(true).some(({ argv }) => argv[0]?.startsWith('avahi-daemon'))).toBe(false);
    await h2.service('avahi', 'start');
    publish.kill();
    await publish.result;
  });

  it('shows windows on a seat, and nobody else gets in', async () => {
    const host = lab.host(1);
    const term = host.spawn(['xterm', '-T', 'a title', '-e', 'sleep', '60'], {
      env: host.seatEnv,
      timeoutMs: 60_000,
    });
    await until('the window shows', async () =>
      (await host.windows()).some(({ name }) => name === 'a title'),
    );
    const file = path.join(files, 'seat.png');
    await host.screenshot(file);
    expect(readFileSync(file).subarray(1, 4).toString()).toBe('PNG');
    const stranger = await host.user(['xwininfo', '-root'], {
      env: { DISPLAY: host.display, XAUTHORITY: '/dev/null' },
    });
    expect(stranger.code).not.toBe(0);
    expect((await host.leftovers()).processes).toContain('xterm -T a title -e sleep 60');
    term.kill();
    await term.result;
    expect(await lab.host(2).windows()).toEqual([]);
  });

  /** Whether h1 gets a TCP connection to the sshd at `ip` within a second. */
  const reaches = async (ip: string) => {
    const target = `TCP:${ip}:22,connect-timeout=1`;
    return (await lab.host(1).user(['socat', '-u', '/dev/null', target])).code === 0;
  };

  it('pulls and plugs a cable', async () => {
    const { ip } = lab.host(2);
    expect(await reaches(ip)).toBe(true);
    await lab.host(2).link('down');
    expect(await reaches(ip)).toBe(false);
    await lab.host(2).link('up');
    await until('the cable is back', () => reaches(ip));
  });

  it('gives a host another address', async () => {
    await lab.host(2).address(`${lab.net}.99/24`);
    expect(await reaches(`${lab.net}.99`)).toBe(true);
    expect(await reaches(`${lab.net}.2`)).toBe(false);
    await lab.host(2).address(`${lab.net}.2/24`);
  });

  it('tells what was left behind, and when nothing was', async () => {
    const host = lab.host(3);
    await host.mark();
    expect(await host.leftovers()).toEqual(nothing);
    const listener = host.spawn(['socat', 'UNIX-LISTEN:/tmp/left.sock', 'STDOUT'], { timeoutMs: 60_000 });
    await until('the socket is there', async () =>
      (await host.leftovers()).sockets.includes('/tmp/left.sock'),
    );
    expect(await host.leftovers()).toMatchObject({
      processes: ['socat UNIX-LISTEN:/tmp/left.sock STDOUT'],
      files: ['/tmp/left.sock'],
    });
    listener.kill();
    await listener.result;
    expect(await host.leftovers()).toEqual(nothing);
  });

  it('leaves nothing after down', async () => {
    const pids = lab.hosts.flatMap((host) => host.processes(true).map(({ outerPid }) => outerPid));
    const dir = path.dirname(lab.host(1).dir);
    const prefix = path.basename(dir).replace('hotdesk-lab-', '');
    expect(pids.length).toBeGreaterThan(6);
    await lab.down();
    expect(pids.filter((pid) => existsSync(`/proc/${pid}`))).toEqual([]);
    expect(existsSync(dir)).toBe(false);
    expect(execFileSync('ip', ['netns', 'list'], { encoding: 'utf8' })).not.toContain(prefix);
  });
});
