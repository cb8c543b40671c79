/** Which programs a host has, as a login of its desktop would find them. */
import type { Machine } from '../model/machine.ts';

/**
 * Names, each answered by `=` (found in PATH), a path (found where only a desktop's login looks) or
 * nothing. A login over SSH often has a shorter PATH than one at the machine.
 */
const SCRIPT = `
for name; do
  found=
  if command -v -- "$name" >/dev/null 2>&1; then found==
  else
    case $name in
      */*) ;;
      *)
        for dir in "$HOME/.local/bin" "$HOME/bin" /usr/games /usr/local/games /snap/bin \\
          "$HOME/.local/share/flatpak/exports/bin" /var/lib/flatpak/exports/bin; do
          if [ -f "$dir/$name" ] && [ -x "$dir/$name" ]; then found=$dir/$name; break; fi
        done ;;
    esac
  fi
  printf 'hotdesk-program:%s\\n' "$found"
done`;

/** So many names are asked for at once: they are arguments. */
const AT_ONCE = 500;

/**
 * How to call each of `names` there: by itself, or by the path given; those missing are not in the answer.
 * @throws HotdeskError when the host cannot be asked
 */
export async function findPrograms(
  machine: Machine,
  names: readonly string[],
  signal?: AbortSignal,
): Promise<Map<string, string>> {
  const wanted = [...new Set(names)].filter((name) => name !== '' && !name.startsWith('-'));
  const found = new Map<string, string>();
  for (let at = 0; at < wanted.length; at += AT_ONCE) {
    const some = wanted.slice(at, at + AT_ONCE);
    const { stdout } = await machine.exec(['sh', '-c', SCRIPT, 'sh', ...some], { signal, timeoutMs: 20_000 });
    const answers = stdout.toString('utf8').match(/^hotdesk-program:.*$/gmu) ?? [];
    some.forEach((name, i) => {
      const answer = answers[i]?.slice('hotdesk-program:'.length);
      if (answer) found.set(name, answer === '=' ? name : answer);
    });
  }
  return found;
}
