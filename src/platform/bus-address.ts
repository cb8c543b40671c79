/** Where a message bus listens: the address format of the D-Bus specification, "Server Addresses". Pure. */

type Env = Readonly<Record<string, string | undefined>>;

/**
 * The unix sockets that `address` names, best first; an abstract one starts with a NUL, as node:net takes it.
 * Other transports are left out: a desktop session has a socket.
 */
export function busSockets(address: string): string[] {
  return address.split(';').flatMap((one) => {
    const [transport, rest = ''] = splitOnce(one, ':');
    if (transport !== 'unix') return [];
    const keys = new Map(rest.split(',').map((pair) => splitOnce(pair, '=')));
    const path = unescaped(keys.get('path'));
    if (path) return [path];
    const abstract = unescaped(keys.get('abstract'));
    return abstract ? [`\0${abstract}`] : [];
  });
}

/** The session bus of an environment: what it says, else the one of the user's systemd (sd_bus_default_user(3)). */
export function sessionBusSockets(env: Env): string[] {
  if (env.DBUS_SESSION_BUS_ADDRESS) return busSockets(env.DBUS_SESSION_BUS_ADDRESS);
  return env.XDG_RUNTIME_DIR ? [`${env.XDG_RUNTIME_DIR}/bus`] : [];
}

function splitOnce(text: string, mark: string): [string, string | undefined] {
  const at = text.indexOf(mark);
  return at < 0 ? [text, undefined] : [text.slice(0, at), text.slice(at + mark.length)];
}

/** Bytes outside of [-0-9A-Za-z_/.\*] are written as %XX. */
function unescaped(text: string | undefined): string | undefined {
  if (text === undefined) return undefined;
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}
