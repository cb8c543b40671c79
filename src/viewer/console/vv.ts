/**
 * `.vv` files: what remote-viewer(1) calls a connection file. Keys are GLib's, so values keep the
 * escapes that they came with. Pure.
 */
import * as z from 'zod/mini';
import { sanitise, sanitiseName } from '../../kernel/text.ts';
import type { ConsoleFile, ConsoleWishes } from './console-file.ts';
import { ANY, type Entry, isHost, like, oneOf, PLAIN, PORT, type Rules, SWITCH, sortKeys } from './keys.ts';
import { bad, linesOf } from './lines.ts';

const KEYS_PRESSED = like(/^[A-Za-z0-9_+ -]{0,80}$/u);
const CHANNELS = like(/^(?:[a-z]{1,20};?){0,20}$/u);
/** One or more certificates, with `\n` for the end of a line. */
const CERTIFICATES = like(
  /^(?:-----BEGIN CERTIFICATE-----(?:\\n|\\r|[A-Za-z0-9+/=]){1,16000}-----END CERTIFICATE-----(?:\\n|\\r)*){1,10}$/u,
);
/** What Proxmox calls a machine that only its proxy knows. */
const BEHIND_PROXY = /^pvespiceproxy:[A-Za-z0-9:._-]{1,300}$/u;
const QUIET = { value: ANY, never: true } as const;

const RULES: Rules = {
  type: { value: oneOf('spice', 'vnc') },
  host: { value: z.string().check(z.refine((host) => isHost(host) || BEHIND_PROXY.test(host))) },
  port: { value: PORT },
  'tls-port': { value: PORT },
  username: { value: PLAIN },
  password: { value: like(/^(?:[^\\\p{Cc}]|\\[sntr\\]){0,512}$/u) },
  title: { value: PLAIN },
  'delete-this-file': { value: SWITCH },
  fullscreen: { value: SWITCH },
  ca: { value: CERTIFICATES },
  'host-subject': { value: PLAIN },
  proxy: {
    value: like(
      /^(?:https?|socks5?):\/\/(?:[A-Za-z0-9._-]{1,255}|\[[0-9A-Fa-f:.]{2,45}\])(?::\d{1,5})?\/?$/u,
    ),
  },
  'color-depth': { value: oneOf('16', '32') },
  'disable-effects': { value: like(/^(?:(?:all|wallpaper|font-smooth|animation);?){0,4}$/u) },
  'secure-channels': { value: CHANNELS },
  // virt-viewer 11 does not do it yet.
  'disable-channels': QUIET,
  'unix-path': { value: ANY, never: true, says: 'a socket of this machine' },
  'toggle-fullscreen': { value: KEYS_PRESSED },
  'release-cursor': { value: KEYS_PRESSED },
  'secure-attention': { value: KEYS_PRESSED },
  'smartcard-insert': { value: KEYS_PRESSED },
  'smartcard-remove': { value: KEYS_PRESSED },
  'enable-smartcard': { value: SWITCH, needs: 'smartcard', says: 'your smart cards', idle: /^0$/u },
  'enable-usbredir': { value: SWITCH, needs: 'usb', says: 'your USB devices', idle: /^0$/u },
  'enable-usb-autoshare': {
    value: SWITCH,
    needs: 'usb',
    says: 'every USB device that you plug in',
    idle: /^0$/u,
  },
  'usb-filter': { value: like(/^[-0-9A-Fa-fx,|]{1,1000}$/u), needs: 'usb' },
  // Ciphers without a certificate are among those that could be asked for.
  'tls-ciphers': { value: ANY, never: true, says: 'its choice of TLS ciphers', idle: /^(?:DEFAULT)?$/u },
  version: QUIET,
  versions: QUIET,
  'newer-version-url': QUIET,
};

const GROUP = /^\[([^[\]]{1,60})\][ \t]*$/u;
const PAIR = /^([A-Za-z0-9-]{1,60})[ \t]*=[ \t]*(.*)$/u;

/** @throws HotdeskError `bad-argument` */
export function readVv(text: string, wishes: ConsoleWishes): ConsoleFile {
  const { entries, groups } = pairsOf(text);
  // An unset port is written as -1 by some.
  const set = entries.filter(({ key, value }) => !(/port$/u.test(key) && /^(?:-1|0|)$/u.test(value)));
  const { taken, leftOut } = sortKeys(set, RULES, wishes);
  const menus = groups.includes('ovirt') ? ['the menu of oVirt'] : [];
  const others = groups.filter((name) => name !== 'ovirt').map((name) => `group “${sanitise(name, 40)}”`);
  return vvFile(taken, wishes, [...leftOut, ...menus, ...others]);
}

/** @throws HotdeskError `bad-argument` where it does not say what it leads to */
function vvFile(
  taken: ReadonlyMap<string, string>,
  wishes: ConsoleWishes,
  leftOut: readonly string[],
): ConsoleFile {
  const type = taken.get('type');
  const host = taken.get('host');
  if (type === undefined) throw bad('it has no “type”, which is spice or vnc');
  if (host === undefined) throw bad('it has no “host”');
  if (!taken.has('port') && !taken.has('tls-port')) throw bad('it has no “port”');
  const values = new Map([...taken, ...overrides(wishes)]);
  return {
    format: 'vv',
    name: sanitiseName(taken.get('title')?.replaceAll('%d', '') ?? '', host),
    host,
    text: textFrom(values),
    leftOut,
    once: taken.get('delete-this-file') === '1',
    hasPassword: Boolean(taken.get('password')),
    asks: undefined,
  };
}

function overrides(wishes: ConsoleWishes): [string, string][] {
  const off = (key: string, allowed: boolean): [string, string][] => (allowed ? [] : [[key, '0']]);
  return [
    // What is not said is on.
    ...off('enable-smartcard', wishes.smartcard),
    ...off('enable-usbredir', wishes.usb),
    ...off('enable-usb-autoshare', wishes.usb),
    ...one('fullscreen', wishes.fullscreen === 'yes' ? '1' : '0', wishes.fullscreen !== 'file'),
    ...one('color-depth', Number(wishes.depth) > 16 ? '32' : '16', wishes.depth !== 'file'),
    // What holds the password is gone as soon as it has been read.
    ['delete-this-file', '1'],
  ];
}

function one(key: string, value: string, isWanted: boolean): [string, string][] {
  return isWanted ? [[key, value]] : [];
}

function pairsOf(text: string): { entries: Entry[]; groups: string[] } {
  const entries: Entry[] = [];
  const groups: string[] = [];
  let group: string | undefined;
  for (const { number, text: line } of linesOf(text)) {
    if (line.startsWith('#')) continue;
    const header = GROUP.exec(line)?.[1];
    if (header !== undefined) {
      group = header;
      if (header !== 'virt-viewer') groups.push(header);
      continue;
    }
    const [, key, value] = PAIR.exec(line) ?? [];
    if (group === undefined || key === undefined || value === undefined) {
      throw bad(`line ${number} is neither KEY=VALUE nor the name of a group`);
    }
    if (group === 'virt-viewer') entries.push({ line: number, key, value: value.trimEnd() });
  }
  return { entries, groups };
}

/** What leads to a unix socket of this machine. @param path absolute, checked */
export function vvOfSocket(path: string, wishes: ConsoleWishes): ConsoleFile {
  const values = new Map([
    ...([
      ['type', 'spice'],
      ['unix-path', escapeValue(path)],
    ] as const),
    ...overrides(wishes),
  ]);
  return {
    format: 'vv',
    name: sanitiseName(path.split('/').at(-1) ?? '', 'console'),
    host: '',
    text: textFrom(values),
    ...{ leftOut: [], once: false, hasPassword: false, asks: undefined },
  };
}

function textFrom(values: ReadonlyMap<string, string>): string {
  return `[virt-viewer]\n${[...values].map(([key, value]) => `${key}=${value}`).join('\n')}\n`;
}

/** A value as GLib's key files hold it. */
export function escapeValue(value: string): string {
  return value.replaceAll('\\', '\\\\').replace(/^[ \t]/u, '\\s');
}
