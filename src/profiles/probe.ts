/** Which backends a machine has: every profile's programs and versions in one round trip. */
import { sanitise } from '../kernel/text.ts';
import type { Machine } from '../model/machine.ts';
import type { Profile } from '../model/profile.ts';
import type { Detected } from './backend.ts';
import { parseLines } from './parse.ts';

/** Groups of NAME, count, programs, count, version command: one line out for each. */
const SCRIPT = `
os=$(sed -n 's/^ID=//p; s/^ID_LIKE=//p' /etc/os-release 2>/dev/null | tr -d '"' | tr '\\n' ' ')
printf 'hotdesk-os:%s\\n' "$os"
while [ $# -gt 0 ]; do
  name=$1 n=$2 missing= said=; shift 2
  while [ "$n" -gt 0 ]; do
    command -v -- "$1" >/dev/null 2>&1 || missing=\${missing:-$1}
    shift; n=$((n - 1))
  done
  n=$1; shift; i=1; run=
  # Only references to parameters are put together here, never their text.
  while [ "$i" -le "$n" ]; do run="$run \\"\\\${$i}\\""; i=$((i + 1)); done
  [ -n "$missing" ] || said=$(eval "$run" 2>&1 </dev/null | tr '\\n\\t' '  ' | cut -c 1-500)
  printf 'hotdesk-has:%s\\t%s\\t%s\\n' "$name" "$missing" "$said"
  shift "$n"
done`;

/**
 * What `machine` has of each profile, by name; a profile without needs on that side counts as there.
 * @throws HotdeskError when the machine cannot be asked
 */
export async function probeBackends(
  profiles: readonly Profile[],
  machine: Machine,
  side: 'host' | 'viewer',
  signal?: AbortSignal,
): Promise<Map<string, Detected>> {
  const asked = profiles.flatMap((profile) => {
    const needs = profile.detect[side];
    if (!needs) return [];
    const { programs, version } = needs;
    return [profile.name, String(programs.length), ...programs, String(version.argv.length), ...version.argv];
  });
  const result = await machine.exec(['sh', '-c', SCRIPT, 'hotdesk', ...asked], { signal, timeoutMs: 20_000 });
  return readProbe(profiles, side, machine.name, result.stdout.toString('utf8'));
}

/** What the script's output says. Pure. */
export function readProbe(
  profiles: readonly Profile[],
  side: 'host' | 'viewer',
  machine: string,
  text: string,
): Map<string, Detected> {
  const os = parseLines(text, {
    format: 'lines',
    marker: 'hotdesk-os:',
    separator: '\n',
    fields: ['ids'],
  })[0];
  const ids = (os?.ids ?? '').split(/\s+/u).filter(Boolean);
  const rows = parseLines(text, {
    format: 'lines',
    marker: 'hotdesk-has:',
    separator: '\t',
    fields: ['name', 'missing', 'said'],
  });
  return new Map(
    profiles.map((profile): [string, Detected] => {
      const needs = profile.detect[side];
      if (!needs) return [profile.name, { present: true }];
      const row = rows.find((each) => each.name === profile.name);
      const missing = row ? row.missing : needs.programs[0];
      if (missing) {
        const message = `${machine} has no ${sanitise(missing, 60)}, which ${profile.name} needs.`;
        return [
          profile.name,
          { present: false, missing: { message, hint: installHint(needs.install, ids) } },
        ];
      }
      const found = new RegExp(needs.version.pattern, 'u').exec(row?.said ?? '');
      const version = sanitise(found?.groups?.version ?? '', 40);
      return [profile.name, version ? { present: true, version } : { present: true }];
    }),
  );
}

function installHint(install: Readonly<Record<string, string>>, ids: readonly string[]): string {
  const command = ids.map((id) => (Object.hasOwn(install, id) ? install[id] : undefined)).find(Boolean);
  const other = install.any ?? Object.values(install)[0] ?? '';
  return command ? `Install it: ${command}` : `Install it: ${other}`;
}
