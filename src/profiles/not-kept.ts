/** Sessions that are there as long as the viewer that they were started with, and no longer. Pure. */
import { HotdeskError } from '../kernel/errors.ts';
import type { Profile } from '../model/profile.ts';

/** Are the sessions of `profile` such? */
export function livesByViewer({ connect }: Profile): boolean {
  return connect?.endpoint.kind === 'ssh' || connect?.endpoint.kind === 'file';
}

/** The error for who wants one elsewhere. */
export function notKept({ name }: Profile): HotdeskError {
  return new HotdeskError('not-supported', `${name} sessions are there as long as their viewer.`, {
    hint: 'They cannot be shown elsewhere. What another backend starts is kept.',
  });
}
