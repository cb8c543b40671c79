/** Which backends a machine has: every profile's programs and versions in one round trip. */
import { sanitise } from '../kernel/text.ts';
import type { Machine } from '../model/machine.ts';
import type { Profile } from '../model/profile.ts';
import type { Detected } from './backend.ts';
import { parseLines } from './parse.ts';
import { compareVersions } from './version.ts';

/**
 * Groups of NAME, count, programs, count, version command (none: another group has it): one line out for
 * each. Versions are asked side by side, and one that does not answer keeps no other back.
 */
const SCRIPT = `
os=
[ -r /etc/os-release ] && while IFS='=' read -r key value || [ -n "$key" ]; do
  case $key in ID|ID_LIKE) value=\${value#\\"}; os="$os\${value%\\"} " ;; esac
done </etc/os-release
printf 'hotdesk-os:%s\\t%s\\n' "$os" "$(id -u)"
limit=
command -v timeout >/dev/null 2>&1 && limit='timeout 8'
has() {
  case $1 in
    *~*) file=$(command -v -- "\${1%%~*}" 2>/dev/null) && grep -qF -- "\${1#*~}" "$file" 2>/dev/null ;;
    *) command -v -- "$1" >/dev/null 2>&1 ;;
  esac
}
any() {
  rest=$1
  until has "\${rest%%|*}"; do
    case $rest in *'|'*) rest=\${rest#*|} ;; *) return 1 ;; esac
  done
}
told() { printf 'hotdesk-has:%s\\t%s\\t%s\\n' "$name" "$missing" "$1"; }
while [ $# -gt 0 ]; do
  name=$1 n=$2 missing=; shift 2
  while [ "$n" -gt 0 ]; do
    any "$1" || missing=\${missing:-$1}
    shift; n=$((n - 1))
  done
  n=$1; shift; i=1; run=$limit
  # Only references to parameters are put together here, never their text.
  while [ "$i" -le "$n" ]; do run="$run \\"\\\${$i}\\""; i=$((i + 1)); done
  if [ "$n" -gt 0 ] && command -v -- "$1" >/dev/null 2>&1; then
    (
      said=$(eval "$run" 2>&1 </dev/null | head -c 500)
      # Each end of a line and tab becomes a space.
      set -f
      IFS='\n\t'
      set -- $said
      IFS=' '
      told "$*"
    ) &
  else
    told
  fi
  shift "$n"
done
wait`;

type Side = 'host' | 'viewer';

/** One side of one profile: its group in the script's arguments, and its line in what that says. */
interface Asked {
  readonly id: string;
  readonly profile: Profile;
  readonly needs: NonNullable<Profile['detect'][Side]>;
}

/**
 * What `machine` has of each profile, by name; a profile without needs on that side counts as there.
 * @throws HotdeskError when the machine cannot be asked
 */
export async function probeBackends(
  profiles: readonly Profile[],
  machine: Machine,
  side: Side,
  signal?: AbortSignal,
): Promise<Map<string, Detected>> {
  const said = await ask(askedOf(profiles, side), machine, signal);
  return readProbe(profiles, side, machine.name, said);
}

/**
 * As `probeBackends`, for a machine that both runs sessions and shows them: a version that both sides want to
 * know is asked once.
 * @throws HotdeskError when the machine cannot be asked
 */
export async function probeBothSides(
  profiles: readonly Profile[],
  machine: Machine,
  signal?: AbortSignal,
): Promise<Readonly<Record<Side, Map<string, Detected>>>> {
  const host = askedOf(profiles, 'host');
  // No name of a profile has a colon.
  const viewer = askedOf(profiles, 'viewer').map((each) => ({ ...each, id: `viewer:${each.id}` }));
  const all = [...host, ...viewer];
  const said = await ask(all, machine, signal);
  return {
    host: readAnswers(profiles, host, all, machine.name, said),
    viewer: readAnswers(profiles, viewer, all, machine.name, said),
  };
}

function askedOf(profiles: readonly Profile[], side: Side): Asked[] {
  return profiles.flatMap((profile) => {
    const needs = profile.detect[side];
    return needs ? [{ id: profile.name, profile, needs }] : [];
  });
}

async function ask(
  all: readonly Asked[],
  machine: Machine,
  signal: AbortSignal | undefined,
): Promise<string> {
  const args = all.flatMap((each) => {
    const { programs } = each.needs;
    const version = teller(all, each) === each ? each.needs.version.argv : [];
    return [each.id, String(programs.length), ...programs, String(version.length), ...version];
  });
  const result = await machine.exec(['sh', '-c', SCRIPT, 'hotdesk', ...args], { signal, timeoutMs: 20_000 });
  return result.stdout.toString('utf8');
}

/** The first whose version is that of `one`: the one that asks. */
function teller(all: readonly Asked[], one: Asked): Asked {
  const command = ({ needs }: Asked) => JSON.stringify(needs.version.argv);
  return all.find((each) => command(each) === command(one)) ?? one;
}

/** What the script's output says of one side, when that alone was asked. Pure. */
export function readProbe(
  profiles: readonly Profile[],
  side: Side,
  machine: string,
  text: string,
): Map<string, Detected> {
  const asked = askedOf(profiles, side);
  return readAnswers(profiles, asked, asked, machine, text);
}

/** @param asked of the side that is meant @param all what the script was asked */
function readAnswers(
  profiles: readonly Profile[],
  asked: readonly Asked[],
  all: readonly Asked[],
  machine: string,
  text: string,
): Map<string, Detected> {
  const os = parseLines(text, {
    format: 'lines',
    marker: 'hotdesk-os:',
    separator: '\t',
    fields: ['ids', 'uid'],
  })[0];
  const ids = (os?.ids ?? '').split(/\s+/u).filter(Boolean);
  const rows = parseLines(text, {
    format: 'lines',
    marker: 'hotdesk-has:',
    separator: '\t',
    fields: ['id', 'missing', 'said'],
  });
  const rowOf = ({ id }: Asked) => rows.find((row) => row.id === id);
  return new Map(
    profiles.map((profile): [string, Detected] => {
      const one = asked.find((each) => each.profile === profile);
      if (!one) return [profile.name, { present: true }];
      const { needs } = one;
      const row = rowOf(one);
      const missing = row ? row.missing : needs.programs[0];
      const hint = installHint(needs.install, ids, os?.uid === '0');
      if (missing) {
        const programs = sanitise(missing, 120)
          .replaceAll(/([^|~]+)~([^|]+)/gu, '$1 ($2)')
          .replaceAll('|', ' or ');
        const message = `${machine} has no ${programs}, which ${profile.name} needs.`;
        return [profile.name, { present: false, missing: { message, hint } }];
      }
      const said = rowOf(teller(all, one))?.said ?? '';
      const found = new RegExp(needs.version.pattern, 'u').exec(said);
      const version = sanitise(found?.groups?.version ?? '', 40);
      const { min } = needs.version;
      if (version && min !== undefined && compareVersions(version, min) < 0) {
        const message = `${machine} has ${version} of what ${profile.name} needs in ${min} or later.`;
        return [profile.name, { present: false, version, missing: { message, hint } }];
      }
      return [profile.name, version ? { present: true, version } : { present: true }];
    }),
  );
}

function installHint(
  install: Readonly<Record<string, string>>,
  ids: readonly string[],
  isRoot: boolean,
): string {
  const command = ids.map((id) => (Object.hasOwn(install, id) ? install[id] : undefined)).find(Boolean);
  const other = install.any ?? Object.values(install)[0] ?? '';
  // A distribution's package manager wants root; what stands for any system may be anything.
  return command ? `Install it: \`${isRoot ? '' : 'sudo '}${command}\`` : `Install it: ${other}`;
}
