/**
 * `.rdp` files, `name:type:value` lines (Microsoft's "Supported RDP properties"). FreeRDP takes a line that
 * begins with a slash for arguments of its own, so nothing of the file but what is on the list goes on. Pure.
 */
import { isIPv6 } from 'node:net';
import { sanitiseName } from '../../kernel/text.ts';
import type { ConsoleFile, ConsoleWishes } from './console-file.ts';
import {
  ANY,
  type Entry,
  HOST_AND_PORT,
  type KeyRule,
  like,
  numberFrom,
  OPAQUE,
  oneOf,
  PLAIN,
  PORT,
  type Rules,
  SWITCH,
  sortKeys,
  splitAddress,
} from './keys.ts';
import { bad, linesOf } from './lines.ts';

const RDP_PORT = 3389;
const on: KeyRule = { value: SWITCH };
const quiet: KeyRule = { value: ANY, never: true };
const OFF = /^0$/u;
const program: KeyRule = { value: PLAIN, needs: 'programs', says: 'a program to be run there' };
const never = (says: string, idle?: RegExp): KeyRule => ({
  ...{ value: ANY, never: true, says },
  ...(idle ? { idle } : {}),
});

/** Keys whose values are numbers; all others are text. */
const NUMBERS: Rules = {
  'screen mode id': { value: numberFrom(1, 2) },
  'use multimon': on,
  'span monitors': on,
  'smart sizing': on,
  'dynamic resolution': on,
  desktopwidth: { value: numberFrom(200, 8192) },
  desktopheight: { value: numberFrom(200, 8192) },
  'session bpp': { value: oneOf('8', '15', '16', '24', '32') },
  compression: on,
  keyboardhook: { value: numberFrom(0, 2) },
  audiomode: { value: numberFrom(0, 2) },
  'connection type': { value: numberFrom(1, 7) },
  networkautodetect: on,
  bandwidthautodetect: on,
  displayconnectionbar: on,
  'disable wallpaper': on,
  'allow font smoothing': on,
  'allow desktop composition': on,
  'disable full window drag': on,
  'disable menu anims': on,
  'disable themes': on,
  'disable cursor setting': on,
  bitmapcachepersistenable: on,
  'server port': { value: PORT },
  redirectclipboard: on,
  'autoreconnection enabled': on,
  'autoreconnect max retries': { value: numberFrom(0, 200) },
  enablecredsspsupport: on,
  'administrative session': on,
  gatewayusagemethod: { value: numberFrom(0, 4) },
  gatewayprofileusagemethod: on,
  gatewaycredentialssource: { value: numberFrom(0, 5) },
  rdgiskdcproxy: on,
  'use redirection server name': on,
  remoteapplicationmode: { ...program, value: SWITCH, idle: OFF },
  remoteapplicationexpandcmdline: { ...program, value: SWITCH, idle: /^[01]$/u },
  remoteapplicationexpandworkingdir: { ...program, value: SWITCH, idle: /^[01]$/u },
  disableremoteappcapscheck: { ...program, value: SWITCH, idle: /^[01]$/u },
  redirectprinters: { value: SWITCH, needs: 'printers', says: 'your printers', idle: OFF },
  redirectsmartcards: { value: SWITCH, needs: 'smartcard', says: 'your smart cards', idle: OFF },
  audiocapturemode: { value: SWITCH, needs: 'microphone', says: 'your microphone', idle: OFF },
  redirectdrives: never('your files; -o drives=FOLDER gives a folder', OFF),
  redirectcomports: never('your serial ports', OFF),
  redirectposdevices: never('your point-of-service devices', OFF),
  // Certificates are checked all the same.
  'authentication level': never('its wish not to check the certificate', /^[1-3]$/u),
  'negotiate security layer': never('its wish for a connection without TLS', /^1$/u),
  'prompt for credentials': quiet,
  promptcredentialonce: quiet,
  'connect to console': quiet,
  'desktop size id': quiet,
  pinconnectionbar: quiet,
  videoplaybackmode: quiet,
  audioqualitymode: quiet,
  bitmapcachesize: quiet,
  enablesuperpan: quiet,
  superpanaccelerationfactor: quiet,
  'public mode': quiet,
  redirectdirectx: quiet,
  redirectwebauthn: quiet,
  redirectlocation: never('where you are', OFF),
  enablerdsaadauth: quiet,
  enableworkspacereconnect: quiet,
  disableconnectionsharing: quiet,
};

const TEXTS: Rules = {
  'full address': { value: HOST_AND_PORT },
  'alternate full address': { value: HOST_AND_PORT },
  username: { value: PLAIN },
  domain: { value: PLAIN },
  password: { value: like(/^[^\p{Cc}]{0,512}$/u) },
  gatewayhostname: { value: HOST_AND_PORT },
  gatewayaccesstoken: { value: OPAQUE },
  loadbalanceinfo: { value: OPAQUE },
  pcb: { value: OPAQUE },
  kdcproxyname: { value: HOST_AND_PORT },
  'alternate shell': program,
  'shell working directory': program,
  remoteapplicationname: { ...program, idle: /^/u },
  remoteapplicationprogram: program,
  remoteapplicationcmdline: program,
  remoteapplicationfile: program,
  remoteapplicationguid: program,
  // A file of this machine.
  remoteapplicationicon: quiet,
  drivestoredirect: never('your files; -o drives=FOLDER gives a folder'),
  devicestoredirect: never('your devices'),
  usbdevicestoredirect: never('your USB devices'),
  camerastoredirect: never('your cameras'),
  selectedmonitors: quiet,
  winposstr: quiet,
  workspaceid: quiet,
  'workspace id': quiet,
  signscope: quiet,
  signature: quiet,
  gatewaybrokeringtype: quiet,
};

const LINE = /^([A-Za-z0-9 +._-]{1,60}):([isb]):(.*)$/u;

/** @throws HotdeskError `bad-argument` */
export function readRdp(text: string, wishes: ConsoleWishes): ConsoleFile {
  const notes = new Set<string>();
  const entries = linesOf(text).flatMap((line): Entry[] => {
    if (line.text.startsWith('/')) {
      notes.add('arguments for FreeRDP');
      return [];
    }
    const [, name, type, value] = LINE.exec(line.text) ?? [];
    if (name === undefined || type === undefined || value === undefined) {
      throw bad(`line ${line.number} is not NAME:TYPE:VALUE`);
    }
    const key = name.toLowerCase();
    if (type === 'b') {
      notes.add(key === 'password 51' ? 'its password, which only Windows can read' : `“${key}”`);
      return [];
    }
    // A number where a text is expected, or the other way round, is read by nobody.
    const isOther = Object.hasOwn(type === 'i' ? TEXTS : NUMBERS, key);
    if (isOther) throw bad(`line ${line.number} has a value for “${key}” that it cannot have`);
    return [{ line: line.number, key, value: value.trim() }];
  });
  const { taken, leftOut } = sortKeys(entries, { ...NUMBERS, ...TEXTS }, wishes);
  return rdpFile(taken, wishes, [...leftOut, ...notes]);
}

/** @throws HotdeskError `bad-argument` where it does not say what it leads to */
function rdpFile(
  taken: ReadonlyMap<string, string>,
  wishes: ConsoleWishes,
  leftOut: readonly string[],
): ConsoleFile {
  const at = splitAddress(taken.get('full address') ?? taken.get('alternate full address') ?? '');
  if (!at) throw bad('it has no “full address”');
  const { host } = at;
  const port = at.port ?? Number(taken.get('server port') ?? RDP_PORT);
  const bare = host.replace(/^\[|\]$/gu, '');
  // FreeRDP 2 takes what follows the last colon for the port, and brackets for a part of a name.
  const place: [string, string][] = isIPv6(bare.split('%')[0] ?? '')
    ? [['full address', `${bare}:${port}`]]
    : [];
  const values = new Map([...taken, ...place, ...overrides(wishes)]);
  const lines = [...values].map(
    ([key, value]) => `${key}:${Object.hasOwn(NUMBERS, key) ? 'i' : 's'}:${value}`,
  );
  const user = [taken.get('domain'), taken.get('username')].filter(Boolean).join('\\');
  const needs = Boolean(taken.get('username')) && !taken.get('password') && !taken.get('gatewayaccesstoken');
  return {
    format: 'rdp',
    name: sanitiseName(taken.get('remoteapplicationname') ?? '', host),
    host,
    text: `${lines.join('\r\n')}\r\n`,
    leftOut,
    once: false,
    hasPassword: Boolean(taken.get('password')),
    asks: needs ? { user, host, port } : undefined,
  };
}

/** The same with a password that was asked for. */
export function withPassword(file: ConsoleFile, password: string): ConsoleFile {
  // What ends a line would begin another key.
  if (/[\r\n\0]/u.test(password)) throw bad('that password cannot be written into it');
  return { ...file, text: `${file.text}password:s:${password}\r\n`, hasPassword: true, asks: undefined };
}

function overrides(wishes: ConsoleWishes): [string, string][] {
  const flag = (key: string, wish: 'file' | 'yes' | 'no', yes: string, no: string): [string, string][] =>
    wish === 'file' ? [] : [[key, wish === 'yes' ? yes : no]];
  const [width, height] = wishes.geometry.split('x');
  return [
    ...flag('screen mode id', wishes.fullscreen, '2', '1'),
    ...flag('redirectclipboard', wishes.clipboard, '1', '0'),
    ...flag('audiomode', wishes.sound, '0', '2'),
    ...flag('smart sizing', wishes.scaling, '1', '0'),
    ...(width && height
      ? ([
          ['desktopwidth', width],
          ['desktopheight', height],
        ] as [string, string][])
      : []),
    ...(wishes.depth === 'file' ? [] : ([['session bpp', wishes.depth]] as [string, string][])),
    ...(wishes.microphone ? ([['audiocapturemode', '1']] as [string, string][]) : []),
    ...(wishes.printers ? ([['redirectprinters', '1']] as [string, string][]) : []),
    ...(wishes.smartcard ? ([['redirectsmartcards', '1']] as [string, string][]) : []),
  ];
}
