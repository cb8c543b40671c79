/** Hosts that speak RDP and no SSH: whose certificate it is, and opening one. Loaded when one is meant. */
import { HotdeskError, toHotdeskError } from '../../kernel/errors.ts';
import { sanitise } from '../../kernel/text.ts';
import type { Host, HostAddress, RdpPlace } from '../../model/host.ts';
import type { ActionResult, Check, Params, ScannedKey } from '../../protocol/api.ts';
import type { Prompter } from '../../ssh/ssh.ts';
import { locate } from '../../viewer/locate.ts';
import { type Keeping, keptPassword } from '../account/kept.ts';
import { type PasswordSources, withKept } from '../account/with-password.ts';
import type { ConsoleDeps } from '../console/console.ts';
import { rdpChecks } from './checks.ts';
import { greetRdp, type RdpPresence } from './greet.ts';
import { pinNameOf, RdpPins } from './pins.ts';

/** Of a host's addresses so many are tried, at once. */
const PLACES = 6;

export interface Met {
  readonly presence: RdpPresence;
  /** Undefined: nobody has said yes to one yet. */
  readonly pin: string | undefined;
}

/** Where a host speaks RDP. @throws HotdeskError `not-supported` */
export function rdpOf(host: Host): RdpPlace {
  if (host.rdp) return host.rdp;
  throw new HotdeskError('not-supported', `Nobody says that ${host.name} speaks RDP.`, {
    hint: `Say it: \`hotdesk hosts add NAME --rdp ADDRESS\`, or open it once: \`hotdesk open rdp://${host.name}\`.`,
  });
}

/**
 * Who answers there. Adverts may name further addresses for a host: the one that has its certificate is it.
 * @throws HotdeskError why nobody does
 */
export async function meetRdp(host: Host, stateDir: string, signal: AbortSignal): Promise<Met> {
  const rdp = rdpOf(host);
  const pin = new RdpPins(stateDir).get(pinNameOf(rdp));
  const rest = new AbortController();
  const places = placesOf(rdp, host.addresses);
  const tries = places.map((place) => greetRdp(place, rdp.port, AbortSignal.any([signal, rest.signal])));
  // Those that are not waited for may fail as they like.
  for (const each of tries) each.catch(() => {});
  try {
    if (pin !== undefined) {
      const presence = await expectedOf(tries, places, pin);
      if (presence) return { presence, pin };
    }
    return { presence: await firstOf(tries), pin };
  } finally {
    rest.abort();
  }
}

/** Who has the certificate that was recorded; a link-local address only where no other has it. */
async function expectedOf(
  tries: readonly Promise<RdpPresence>[],
  places: readonly string[],
  pin: string,
): Promise<RdpPresence | undefined> {
  for (const isOfLink of [false, true]) {
    const some = tries.filter((_, i) => Boolean(places[i]?.includes('%')) === isOfLink);
    const expected = some.map(async (each) => {
      const presence = await each;
      if (presence.fingerprint !== pin) throw new HotdeskError('host-key-changed', 'Another one.');
      return presence;
    });
    const found = await Promise.any(expected).catch(() => undefined);
    if (found) return found;
  }
  return undefined;
}

/** The first that answers, in their order. @throws what the first said, where none does */
async function firstOf(tries: readonly Promise<RdpPresence>[]): Promise<RdpPresence> {
  let failed: HotdeskError | undefined;
  for (const each of tries) {
    try {
      return await each;
    } catch (error) {
      failed ??= toHotdeskError(error, 'host-unreachable');
    }
  }
  throw failed ?? new HotdeskError('host-unreachable', 'It has no address.');
}

/** What the user typed goes first; a name of the link is known by its addresses, where there are any. */
function placesOf(rdp: RdpPlace, addresses: readonly HostAddress[]): string[] {
  const found = addresses.map(({ address, scope }) => (scope ? `${address}%${scope}` : address));
  const isOfLink = /\.local\.?$/iu.test(rdp.host) || !rdp.typed;
  const named = isOfLink && found.length > 0 ? [] : [rdp.host];
  return [...new Set([...named, ...found])].slice(0, PLACES);
}

const VIEWERS = ['xfreerdp', 'xfreerdp3'];

/** What stands between this machine and that host, as far as can be told without a login. */
export async function examineRdp(
  host: Host,
  stateDir: string,
  path: string | undefined,
  signal: AbortSignal,
): Promise<Check[]> {
  const { port } = rdpOf(host);
  const there = await Promise.all(VIEWERS.map((program) => locate(program, path)));
  const viewer = there.find((each) => each !== undefined);
  try {
    const met = await meetRdp(host, stateDir, signal);
    return rdpChecks({ host, port, answer: met.presence, trust: trustError(host, met), viewer });
  } catch (error) {
    if (signal.aborted) throw error;
    return rdpChecks({ host, port, answer: toHotdeskError(error), trust: undefined, viewer });
  }
}

/** The certificate that a host presents, for the user to compare. */
export async function scanRdp(host: Host, stateDir: string, signal: AbortSignal): Promise<ScannedKey> {
  const { presence, pin } = await meetRdp(host, stateDir, signal);
  const { fingerprint } = presence;
  const state = pin === undefined ? 'unknown' : pin === fingerprint ? 'known' : 'changed';
  return { host: host.name, type: 'RDP certificate', fingerprint, state, isRdp: true };
}

/** Keeps the certificate that the user saw, in place of any before. @throws HotdeskError `host-key-changed` */
export async function recordRdp(
  host: Host,
  fingerprint: string,
  stateDir: string,
  signal: AbortSignal,
): Promise<ScannedKey> {
  const now = await scanRdp(host, stateDir, signal);
  if (fingerprint.toLowerCase() !== now.fingerprint) {
    throw new HotdeskError(
      'host-key-changed',
      `${host.name} now presents ${now.fingerprint}, not ${sanitise(fingerprint, 100)}.`,
      { hint: 'Nothing was recorded. Compare again, at the machine itself.' },
    );
  }
  new RdpPins(stateDir).set(pinNameOf(rdpOf(host)), now.fingerprint);
  return { ...now, state: 'known' };
}

/** Where it has SSH too, its SSH key is meant unless the command says otherwise. */
function trustCommand({ name, state }: Host): string {
  return `hotdesk trust ${name}${state === 'rdp-only' ? '' : ' --rdp'}`;
}

/** Refuses who is not the host that the user has said yes to. */
export function trustError(host: Host, { presence, pin }: Met): HotdeskError | undefined {
  const { fingerprint } = presence;
  if (pin === fingerprint) return undefined;
  if (pin === undefined) {
    return new HotdeskError(
      'host-key-unknown',
      `The certificate of ${host.name} is not known yet. Its SHA-256 fingerprint: ${fingerprint}`,
      { hint: `Compare it on that machine, then: \`${trustCommand(host)}\`.` },
    );
  }
  return new HotdeskError(
    'host-key-changed',
    `${host.name} has another certificate than before (${fingerprint}; it was ${pin}).`,
    {
      hint: `Another machine may be pretending to be it; Windows also renews its own after half a year. If it is right: \`${trustCommand(host)} --fingerprint ${fingerprint}\`.`,
    },
  );
}

export interface OpenDeps extends ConsoleDeps {
  readonly keeping: Keeping;
  readonly stateDir: string;
}

/**
 * Logs in to a host by RDP, in a viewer here. Nothing of the login is sent before the certificate was the one
 * that the user has said yes to, and the viewer takes no other.
 * @throws HotdeskError `host-key-unknown`, `host-key-changed`, `auth-failed`, what openConsole throws
 */
export async function openRdp(
  deps: OpenDeps,
  host: Host,
  { options, seat }: Pick<Params<'console.host'>, 'options' | 'seat'>,
  signal: AbortSignal,
  report: (text: string) => void,
): Promise<ActionResult> {
  const rdp = rdpOf(host);
  if (seat === undefined) {
    throw new HotdeskError('no-seat', `${host.name} needs a display to be shown on.`, {
      hint: 'Run this in a terminal on your desktop (DISPLAY is not set here).',
    });
  }
  report(`asking ${host.name} who it is`);
  const met = await meetRdp(host, deps.stateDir, signal);
  const refused = trustError(host, met);
  if (refused) throw refused;
  const { fingerprint, nla } = met.presence;
  // Without NLA nobody says whether a password is right.
  const kept = nla && keptPassword(deps.keeping, { ...loginOf(host, rdp), fingerprint });
  const sources: PasswordSources = {
    ...{ kept: kept || undefined, signal, report, canAsk: deps.prompter !== undefined },
    ask: (before) => ask(deps.prompter, host, { ...rdp, nla }, before, signal),
    who: whoOf(host, rdp.user),
  };
  return withKept(sources, (login) =>
    openAs(deps, host, met.presence, login, { options, seat }, signal, report),
  );
}

/** @param login user and password, as ask gives them */
async function openAs(
  deps: OpenDeps,
  host: Host,
  { address, port, fingerprint, nla }: RdpPresence,
  login: string,
  { options, seat }: Pick<Params<'console.host'>, 'options' | 'seat'>,
  signal: AbortSignal,
  report: (text: string) => void,
): Promise<ActionResult> {
  const [user = '', password = ''] = login.split('\n');
  const text = [
    `full address:s:${address.includes(':') ? `[${address}]` : address}:${port}`,
    ...(user === '' ? [] : [`username:s:${user}`]),
    ...(password === '' ? [] : [`password:s:${password}`]),
  ].join('\n');
  const { openConsole } = await import('../console/console.ts');
  const security = nla ? { security: 'nla' } : {};
  return openConsole(
    // The question has been asked.
    { ...deps, prompter: undefined, about: host },
    {
      data: Buffer.from(text).toString('base64'),
      options: { ...options, ...security, certificate: fingerprint },
      seat,
    },
    signal,
    report,
  );
}

function loginOf({ name }: Host, { host, user = '', port }: RdpPlace) {
  return { user, names: [name, host], port };
}

function whoOf({ name }: Host, user: string | undefined): string {
  return user === undefined ? name : `${user} on ${name}`;
}

/**
 * User and password, a line each, as they are kept.
 * @throws HotdeskError `auth-failed`: nobody answers, and the host lets nobody in without; `bad-argument`
 */
async function ask(
  prompter: Prompter | undefined,
  host: Host,
  { user, port, nla }: RdpPlace & { readonly nla: boolean },
  before: string,
  signal: AbortSignal,
): Promise<string> {
  const { name } = host;
  const [first, ...rest] = [
    ...(user === undefined ? [{ prompt: `User of ${name} (RDP):`, echo: true }] : []),
    { prompt: `Password of ${whoOf(host, user)} (RDP):`, echo: false },
  ];
  const prompts = first ? [{ ...first, prompt: before + first.prompt }, ...rest] : [];
  const answers = await prompter?.ask(
    {
      ...{ kind: 'password', host: name, user: user ?? '', port, attempt: 1, attempts: 1 },
      ...{ title: `${name} wants a user and a password`, instruction: '', prompts },
    },
    signal,
  );
  const account = { user: user ?? answers?.[0] ?? '', password: answers?.at(-1) ?? '' };
  // Without NLA a server has a login of its own to show.
  if (answers === undefined || (nla && (account.user === '' || account.password === ''))) {
    throw new HotdeskError('auth-failed', `No user and password were given for ${name}.`, {
      hint: 'Run it in a terminal, which asks for them.',
    });
  }
  if (/\p{Cc}/u.test(account.user + account.password)) {
    throw new HotdeskError('bad-argument', 'No user or password can look like that.');
  }
  return `${account.user}\n${account.password}`;
}
