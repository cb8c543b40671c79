/** Whether a start failed because the host's disk is full: its programs say so in many ways, or not at all. */
import { HotdeskError } from '../kernel/errors.ts';
import { sanitise } from '../kernel/text.ts';
import type { Machine } from '../model/machine.ts';

/** Writes a little (64 KiB; a quota counts too) where sessions have their files, and takes it away. */
const SCRIPT = `
umask 077
LC_ALL=C; export LC_ALL
for d in "\${XDG_RUNTIME_DIR:-/run/user/$(id -u)}" "\${TMPDIR:-/tmp}" "$HOME"; do
  [ -d "$d" ] || continue
  f=$d/.hotdesk-room-$$
  said=$(dd if=/dev/zero of="$f" bs=4096 count=16 2>&1 >/dev/null) || case $said in
    *"No space left"* | *"uota exceeded"*) printf 'hotdesk-full:%s\\n' "$d" ;;
  esac
  rm -f "$f"
done`;

/** `error`, or where the host has no room left the error that says so. Asks only after failures of that kind. */
export async function withRoom(error: HotdeskError, machine: Machine): Promise<HotdeskError> {
  const couldBe = ['start-failed', 'application-exited', 'command-failed', 'output-unparsable', 'timeout'];
  if (!couldBe.includes(error.code)) return error;
  const full = await foldersWithoutRoom(machine).catch(() => []);
  if (full.length === 0) return error;
  const where = full.join(' and ');
  return new HotdeskError('start-failed', `${machine.name} has no room left in ${where}: ${error.message}`, {
    hint: `Free some there (\`df -h ${full[0]}\` shows what is full), then start it again.`,
    cause: error,
  });
}

async function foldersWithoutRoom(machine: Machine): Promise<string[]> {
  const { stdout } = await machine.exec(['sh', '-c', SCRIPT], { timeoutMs: 10_000 });
  return [...stdout.toString('utf8').matchAll(/^hotdesk-full:(\/.*)$/gmu)].map(([, folder]) =>
    sanitise(folder ?? '', 120),
  );
}
