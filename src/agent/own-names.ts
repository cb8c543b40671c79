/** Hosts as the user lists them in a setting. Pure. */
import type { TypedHost } from '../platform/settings-schema.ts';

/**
 * The names of a host over SSH that are the user's to give: what it calls itself on the network is none.
 * @param name that is connected to, which decides which key is trusted
 * @param sshName what `ssh` takes for it, where the user or ssh_config says
 */
export function ownNames(
  name: string,
  sshName: string | undefined,
  hosts: readonly TypedHost[],
): readonly string[] {
  const typed = sshName === undefined ? [] : hosts.filter((h) => h.target === sshName).map((h) => h.name);
  return [name, ...typed];
}

/** The first of the list that is one of the names, in its plain form; undefined: none is. */
export function listedAs(listed: readonly string[], names: readonly string[]): string | undefined {
  const known = new Set(names.map(plainName));
  return listed.map(plainName).find((each) => known.has(each));
}

/** With and without `.local`, and in letters of any size, a name means the same. */
export function plainName(name: string): string {
  return name.toLowerCase().replace(/\.local\.?$/u, '');
}
