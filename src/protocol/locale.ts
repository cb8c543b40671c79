/** The language of who reads, by POSIX's rule (locale(7)); undefined where none is set. */
export function localeOf(env: Readonly<Record<string, string | undefined>>): string | undefined {
  return (env.LC_ALL || env.LC_MESSAGES || env.LANG || undefined)?.slice(0, 60);
}
