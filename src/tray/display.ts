/** Does a seat's display answer? */
import { connect } from 'node:net';
import type { Seat } from '../model/seat.ts';

/** A display over TCP (ssh -X) cannot be looked at without its cookie: taken to be there. */
export function displayAnswers(seat: Seat): Promise<boolean> {
  const path = socketOf(seat);
  if (path === undefined) return Promise.resolve(true);
  return new Promise((resolve) => {
    const socket = connect(path);
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}

/** X(7), display names; the Wayland socket is named or in XDG_RUNTIME_DIR. */
function socketOf({ kind, env }: Seat): string | undefined {
  if (kind === 'wayland') {
    const name = env.WAYLAND_DISPLAY ?? '';
    return name.startsWith('/') ? name : `${env.XDG_RUNTIME_DIR ?? ''}/${name}`;
  }
  const local = /^(?:unix)?:(\d+)(?:\.\d+)?$/u.exec(env.DISPLAY ?? '');
  return local ? `/tmp/.X11-unix/X${local[1]}` : undefined;
}
