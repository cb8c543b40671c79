/** Versions of two sides that must fit. Pure. */
import { HotdeskError } from '../kernel/errors.ts';
import type { Profile } from '../model/profile.ts';

/** Does `version` satisfy `>=6` or `<3.1`? Missing parts count as 0. */
export function satisfies(version: string, rule: string): boolean {
  const found = /^(>=|<)(.+)$/u.exec(rule);
  const order = compareVersions(version, found?.[2] ?? '0');
  return found?.[1] === '<' ? order < 0 : order >= 0;
}

/** Negative, 0 or positive, as a sort wants it. */
export function compareVersions(a: string, b: string): number {
  const left = a.split('.').map(Number);
  const right = b.split('.').map(Number);
  for (let i = 0; i < Math.max(left.length, right.length); i += 1) {
    const difference = (left[i] || 0) - (right[i] || 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

/** Why a viewer of one version cannot show a session of another; undefined where it can, or nobody knows. */
export function pairProblem(
  profile: Profile,
  host: string | undefined,
  viewer: string | undefined,
): HotdeskError | undefined {
  if (!host || !viewer) return undefined;
  for (const rule of profile.versions ?? []) {
    const clash =
      (satisfies(host, rule.one) && satisfies(viewer, rule.other)) ||
      (satisfies(viewer, rule.one) && satisfies(host, rule.other));
    if (clash) {
      const message = `${rule.message}: the host has ${host}, this machine ${viewer}.`;
      return new HotdeskError('version-pair', message, { hint: rule.hint });
    }
  }
  return undefined;
}
