/** Which head starts the agent goes along with, and what is said of one that came to its end. Pure. */
import type { Rows } from '../catalogue/reduce.ts';
import type { Host } from '../model/host.ts';
import { shownHere, startedHere } from '../model/opened-here.ts';
import { isTerminalWish } from '../model/place.ts';
import type { Profile } from '../model/profile.ts';
import type { ActionResult } from '../protocol/api.ts';
import { type HeadStart, type PlainCommand, plainCommand } from '../protocol/head-start.ts';
import { pickHost } from './links.ts';
import { hostOfSession, sessionNamed } from './named.ts';

export interface Around {
  rows(): Rows;
  profiles(): readonly Profile[];
}

/**
 * The request that a head start stands for; undefined where the command has to make it itself: it may have to
 * ask its person something, to show the session in its own terminal, or to say why not.
 */
export function hurried(
  { words, seat, isTerminal }: HeadStart,
  around: Around,
): (PlainCommand & { readonly params: { readonly seat: string } }) | undefined {
  const plain = plainCommand(words);
  if (!plain) return undefined;
  try {
    const goes =
      plain.method === 'start' ? startsAtOnce(plain.params, around) : opensAtOnce(plain.params.ref, around);
    // With a terminal, what a terminal could show may be meant for it.
    if (!goes.isReady || (isTerminal && goes.kinds.includes('terminal'))) return undefined;
  } catch {
    // Unknown or ambiguous: the command says so.
    return undefined;
  }
  return { ...plain, params: { ...plain.params, seat: seat.id } } as PlainCommand & {
    readonly params: { readonly seat: string };
  };
}

interface Goes {
  readonly isReady: boolean;
  /** Kinds of session that it may be. */
  readonly kinds: readonly string[];
}

type StartParams = Extract<PlainCommand, { method: 'start' }>['params'];

function startsAtOnce({ host, command, backend, kind }: StartParams, around: Around): Goes {
  const able = around
    .profiles()
    .filter(({ name, can }) => (backend === undefined ? can.includes('start') : name === backend));
  const backendKinds = backend === undefined ? undefined : able[0]?.kinds;
  const isTerminal = isTerminalWish({ kind, command, backendKinds });
  const wanted = kind ?? (command.length > 0 ? 'app' : 'terminal');
  // Another that asks for a password may be chosen in the end: then the command makes the request anew.
  const likely = able.find(({ kinds }) => backend !== undefined || kinds.includes(wanted));
  return {
    isReady: isConnected(pickHost(host, around.rows().hosts)) && likely !== undefined && !likely.asks,
    kinds: isTerminal ? ['terminal'] : [],
  };
}

function opensAtOnce(ref: string, around: Around): Goes {
  const rows = around.rows();
  const session = sessionNamed(ref, rows);
  const profile = around.profiles().find(({ name }) => name === session.backend);
  return {
    isReady: isConnected(hostOfSession(session, rows)) && profile !== undefined && profile.asks === undefined,
    kinds: [session.kind],
  };
}

/** Nobody has to be asked for the way to it. */
function isConnected({ state }: Host): boolean {
  return state === 'local' || state === 'agent' || state === 'agentless';
}

/** What a terminal would obey or hide: the command line knows how to show that. */
const UNSAFE = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u;
const SAID_LIMIT = 1000;

/** The line that the command prints; undefined where it is not so simple. */
export function saidOf(
  method: PlainCommand['method'],
  { session, viewer, wantsTerminal }: ActionResult,
): string | undefined {
  if (wantsTerminal || !viewer) return undefined;
  const text = method === 'start' ? startedHere(session) : shownHere(session);
  // A command in it would have to work as it stands.
  if (UNSAFE.test(text) || text.includes('hotdesk ') || text.length > SAID_LIMIT) return undefined;
  return text;
}
