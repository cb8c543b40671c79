/** spice://, spice+unix://, vnc:// and rdp:// URLs. Pure. */
import type { ConsoleFile, ConsoleWishes } from './console-file.ts';
import { isHost } from './keys.ts';
import { bad } from './lines.ts';
import { readRdp } from './rdp.ts';
import { escapeValue, readVv, vvOfSocket } from './vv.ts';

/** Does `text` begin like a URL that is opened here? */
export function isConsoleUrl(text: string): boolean {
  return /^(?:spice|spice\+unix|vnc|rdp):\/\//iu.test(text);
}

/** @throws HotdeskError `bad-argument` */
export function readUrl(text: string, wishes: ConsoleWishes): ConsoleFile {
  const [, scheme = '', rest = ''] = /^([a-z+]+):\/\/([^\s]{1,4000})$/iu.exec(text.trim()) ?? [];
  switch (scheme.toLowerCase()) {
    case 'spice+unix':
      return socketFile(rest, wishes);
    case 'spice':
    case 'vnc':
      return viewerFile(scheme.toLowerCase() as 'spice' | 'vnc', rest, wishes);
    case 'rdp':
      return rdp(rest, wishes);
    default:
      throw bad('it is no URL that a viewer here knows');
  }
}

function socketFile(rest: string, wishes: ConsoleWishes): ConsoleFile {
  const path = decoded(rest);
  // Longer ones are none: unix(7).
  if (!/^\/[^\p{Cc}]{1,106}$/u.test(path)) throw bad('a socket is named by its whole path');
  return vvOfSocket(path, wishes);
}

/** As spice-gtk and virsh domdisplay write them: spice://HOST:PORT, spice://HOST?port=…&tls-port=…&password=… */
function viewerFile(type: 'spice' | 'vnc', rest: string, wishes: ConsoleWishes): ConsoleFile {
  const { account, host, port, query } = parts(rest);
  const values: [string, string][] = [
    ['type', type],
    ['host', host],
  ];
  const ports = new Map(query);
  const plain = port ?? ports.get('port') ?? (type === 'vnc' ? '5900' : undefined);
  if (plain !== undefined) values.push(['port', plain]);
  for (const [key, value] of query) {
    if (key === 'port') continue;
    if (key !== 'tls-port' && key !== 'password')
      throw bad(`its “${key.replace(/[^\w-]/gu, '_')}” is not known`);
    values.push([key, escapeValue(value)]);
  }
  if (account?.password && !ports.has('password')) values.push(['password', escapeValue(account.password)]);
  if (account?.user) values.push(['username', escapeValue(account.user)]);
  if (values.some(([, value]) => /\p{Cc}/u.test(value))) throw bad('it has a control character');
  return readVv(`[virt-viewer]\n${values.map(([k, v]) => `${k}=${v}`).join('\n')}\n`, wishes);
}

/** rdp://[USER@]HOST[:PORT], or Microsoft's rdp://full%20address=s:HOST&username=s:… */
function rdp(rest: string, wishes: ConsoleWishes): ConsoleFile {
  if (/^[a-z][a-z0-9%+ ]*=[is]:/iu.test(rest)) {
    const lines = rest.split('&').map((pair) => decoded(pair).replace('=', ':'));
    if (lines.some((line) => /\p{Cc}/u.test(line))) throw bad('it has a control character');
    return readRdp(lines.join('\n'), wishes);
  }
  const { account, host, port, query } = parts(rest);
  if (query.length > 0) throw bad('an rdp:// URL has nothing after the host and its port');
  const entries = [
    { line: 1, key: 'full address', value: port === undefined ? host : `${host}:${port}` },
    ...(account?.user ? [{ line: 1, key: 'username', value: account.user }] : []),
    ...(account?.password ? [{ line: 1, key: 'password', value: account.password }] : []),
  ];
  const lines = entries.map(({ key, value }) => `${key}:s:${value}`);
  if (lines.some((line) => /\p{Cc}/u.test(line))) throw bad('it has a control character');
  return readRdp(lines.join('\n'), wishes);
}

interface Parts {
  readonly account: { readonly user: string; readonly password: string } | undefined;
  readonly host: string;
  readonly port: string | undefined;
  readonly query: readonly (readonly [string, string])[];
}

function parts(rest: string): Parts {
  const [, authority = '', search = ''] = /^([^/?#]*)\/?(?:\?([^#]*))?$/u.exec(rest) ?? [];
  const at = authority.lastIndexOf('@');
  const [user = '', ...more] = at < 0 ? [] : authority.slice(0, at).split(':');
  const account = at < 0 ? undefined : { user: decoded(user), password: decoded(more.join(':')) };
  const place = authority.slice(at + 1);
  const [, host = '', port] = /^(\[[^\]]+\]|[^:]+)(?::(\d{1,5}))?$/u.exec(place) ?? [];
  if (!isHost(host)) throw bad('it names no host');
  const query = search
    .split('&')
    .filter(Boolean)
    .map((pair): [string, string] => {
      const [key = '', ...value] = pair.split('=');
      return [decoded(key), decoded(value.join('='))];
    });
  return { account, host, port, query };
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch (cause) {
    throw bad('it has a % that stands for nothing', cause);
  }
}
