// @ts-check
/**
 * What is installed and does not run, on a machine without systemd (a container, say): told, never started. Nobody
 * asked for a daemon, and hotdesk answers mDNS itself.
 * @param {{ exists: (path: string) => boolean, hasCommand: (command: string) => boolean }} machine
 * @returns {string[]} lines
 */
export function idleDaemons({ exists, hasCommand }) {
  if (exists('/run/systemd/system')) return [];
  const lines = [];
  // Debian's avahi-daemon has a systemd unit only: `service avahi-daemon start` finds nothing.
  if (hasCommand('avahi-daemon') && !exists('/run/avahi-daemon/socket')) {
    lines.push(
      'avahi-daemon is installed and does not run: hotdesk answers mDNS itself. To start it, as root:',
      '  service dbus start && avahi-daemon --daemonize',
    );
  }
  if (hasCommand('sshd') && !exists('/run/sshd.pid')) {
    lines.push(
      'sshd is installed and does not run: no other machine gets in. To start it, as root:',
      '  service ssh start',
    );
  }
  return lines;
}
