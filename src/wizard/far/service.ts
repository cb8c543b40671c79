/** What keeps hotdesk's agent running there: a systemd user unit, or XDG autostart. */
import type { SshConnection } from '../../ssh/ssh.ts';
import type { Report } from '../wizard.ts';
import type { FarFacts } from './far.ts';
import { must } from './root.ts';

export const UNIT = 'hotdesk.service';

/**
 * systemd.unit(5). `KillMode=process`: sessions that the agent started outlive it (systemd.kill(5)).
 * @param program path of the hotdesk there
 */
export function unitText(program: string): string {
  return `[Unit]
Description=hotdesk agent
Documentation=man:systemd.unit(5)

[Service]
ExecStart=${escaped(program)} agent run
Restart=on-failure
RestartSec=5
KillMode=process

[Install]
WantedBy=default.target
`;
}

/** Desktop Application Autostart Specification, Desktop Entry Specification (the Exec key). */
export function autostartText(program: string): string {
  const quoted = `"${program
    .replace(/[\\"`$]/gu, '\\$&')
    .replaceAll('%', '%%')
    .replaceAll('\\', '\\\\')}"`;
  return `[Desktop Entry]
Type=Application
Name=hotdesk agent
Exec=${quoted} agent start
NoDisplay=true
X-GNOME-Autostart-enabled=true
`;
}

/** systemd.service(5), COMMAND LINES, and the specifiers of systemd.unit(5). No variables in a program's path. */
function escaped(path: string): string {
  return `"${path.replace(/[\\"]/gu, '\\$&').replaceAll('%', '%%')}"`;
}

/** systemctl of the user, from a login that may have no session bus of its own. */
function systemctl(facts: FarFacts, words: readonly string[]): string[] {
  return ['env', `XDG_RUNTIME_DIR=/run/user/${facts.uid}`, 'systemctl', '--user', ...words];
}

export async function enableUnit(
  connection: SshConnection,
  facts: FarFacts,
  report: Report,
  signal: AbortSignal,
) {
  await must(connection, systemctl(facts, ['daemon-reload']), report, signal);
  await must(connection, systemctl(facts, ['enable', '--now', UNIT]), report, signal);
}

/** Stops the agent, not its sessions. One that is not enabled is no fault. */
export async function disableUnit(
  connection: SshConnection,
  facts: FarFacts,
  signal: AbortSignal,
): Promise<void> {
  await connection.exec(systemctl(facts, ['disable', '--now', UNIT]), { signal });
}

/** After the unit's file has gone. */
export async function reload(connection: SshConnection, facts: FarFacts, signal: AbortSignal): Promise<void> {
  await connection.exec(systemctl(facts, ['daemon-reload']), { signal });
}
