import { describe, expect, it } from 'vitest';
import { idleDaemons } from '../../scripts/lib/daemons.mjs';

const machine = (paths: readonly string[], commands: readonly string[]) => ({
  exists: (path: string) => paths.includes(path),
  hasCommand: (command: string) => commands.includes(command),
});

describe('idleDaemons', () => {
  it('is silent where systemd runs them, where they run, and where they are not installed', () => {
    expect(idleDaemons(machine(['/run/systemd/system'], ['avahi-daemon', 'sshd']))).toEqual([]);
    expect(
      idleDaemons(machine(['/run/avahi-daemon/socket', '/run/sshd.pid'], ['avahi-daemon', 'sshd'])),
    ).toEqual([]);
    expect(idleDaemons(machine([], []))).toEqual([]);
  });

  it('says how to start what does not run', () => {
    expect(
      idleDaemons(machine([], ['avahi-daemon', 'sshd'])).filter((line) => line.startsWith('  ')),
    ).toEqual(['  service dbus start && avahi-daemon --daemonize', '  service ssh start']);
  });
});
