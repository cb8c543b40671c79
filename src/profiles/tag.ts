/** The tag by which a backend's own listing tells hotdesk's viewers from others. */
import { sanitiseName } from '../kernel/text.ts';
import type { Watcher } from '../model/session.ts';
import type { ViewRequest } from './backend.ts';

const FORM = /^hotdesk:([\w-]{1,64}):([0-9a-f]{0,64}):(.{0,255})$/su;

/** `hotdesk:VIEWER:HOSTID:HOST`, safe as an environment value and as an xpra uuid. */
export function watcherTag(viewer: ViewRequest['viewer']): string {
  const host = sanitiseName(viewer.host, '').replace(/[^\w.-]/gu, '_');
  return `hotdesk:${viewer.viewerId.replace(/[^\w-]/gu, '')}:${viewer.hostId.replace(/[^0-9a-f]/gu, '')}:${host}`;
}

/** A watcher from its tag, or from a host name where it is not ours. */
export function watcherOf(tag: string | undefined, host: string | undefined): Watcher {
  const found = FORM.exec(tag ?? '');
  if (!found) {
    const name = sanitiseName(host ?? '', '');
    return name ? { host: name } : {};
  }
  const name = sanitiseName(found[3] ?? '', '');
  return {
    viewerId: found[1] ?? '',
    ...(found[2] ? { hostId: found[2] } : {}),
    ...(name ? { host: name } : {}),
  };
}
