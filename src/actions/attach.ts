/** Opens a session at a seat of this machine: attach, and move (which is attach with mode `take`). */
import { setImmediate } from 'node:timers/promises';
import { cancelled } from '../kernel/abort.ts';
import { HotdeskError } from '../kernel/errors.ts';
import type { Host } from '../model/host.ts';
import type { HostSession, Steals } from '../model/session.ts';
import type { Viewer } from '../model/viewer.ts';
import type { Backend } from '../profiles/backend.ts';
import { livesByViewer, notKept } from '../profiles/not-kept.ts';
import type { ActionResult, Party, ViewMode } from '../protocol/api.ts';
import type { ActionContext, Handover, Options, Report } from './context.ts';
import { type PlanStep, planAttach } from './plan.ts';
import { runSteps, type Step } from './steps.ts';

export interface AttachRequest {
  readonly session: HostSession;
  readonly host: Host;
  readonly mode: ViewMode;
  readonly options: Options;
  /** Undefined: the caller's terminal, where the session is one. */
  readonly seat: string | undefined;
  /** Who asked for it, where that is not this machine. */
  readonly asked?: Party | undefined;
}

/** @throws HotdeskError `viewer-missing`, `viewer-failed`, `session-gone`, `session-busy`, … */
export async function attach(
  context: ActionContext,
  request: AttachRequest,
  signal: AbortSignal,
  report: Report,
): Promise<ActionResult> {
  const { session, host, seat } = request;
  if (seat === undefined) return { session, wantsTerminal: true };
  const began = Date.now();
  const backend = await context.backend(host, session.backend, signal);
  const options = await context.options(backend, { host, session: session.name, seat }, request.options);
  const already = await shownAt(context, backend, request, seat, signal);
  if (already) return { session, viewer: already, timings: { total: Date.now() - began } };
  if (livesByViewer(backend.profile)) throw notKept(backend.profile);
  const steals = session.steals ?? backend.profile.steals;
  const mustBeHere = backend.profile.asks || losesBefore(backend, steals);
  if (mustBeHere && !(await context.canShow(backend, seat))) throw noViewer(backend);
  let viewer: Viewer | undefined;
  await context.withPassword(backend, host, signal, report, (password) =>
    takeOver(context, { ...request, steals }, signal, report, {
      holdsBack: true,
      run: async (inner, claimed) => {
        viewer = await context.viewers.open(
          { host, backend, session, seat, mode: request.mode, options, password, claimed },
          inner,
        );
      },
      undo: async () => {
        if (viewer) await context.viewers.close(viewer.id);
      },
      endOthers: (inner) => backend.detach(session.localId, inner),
    }),
  );
  return {
    session,
    ...(viewer ? { viewer } : {}),
    timings: { total: Date.now() - began },
  };
}

/**
 * The viewer that shows the session at that seat already. A viewer that was just detached takes a
 * moment to exit, so the backend is asked whether anybody watches.
 */
async function shownAt(
  context: ActionContext,
  backend: Backend,
  { host, session }: AttachRequest,
  seat: string,
  signal: AbortSignal,
): Promise<Viewer | undefined> {
  const here = () =>
    context.viewers.of(host.key, session).find((v) => v.seat === seat && v.state === 'shown');
  if (!here()) return undefined;
  const { watchers } = await backend.info(session.localId, signal);
  return watchers.length > 0 ? here() : undefined;
}

/**
 * May whoever has the session lose it before our viewer is even started? They are ended first where a second is
 * refused, and some sessions are taken from them as soon as they are asked for their place.
 */
function losesBefore({ profile }: Backend, steals: Steals): boolean {
  return steals === 'refused' || (steals === 'displaces' && profile.connect?.own === undefined);
}

/** Told before anybody is asked for a password, and before anybody loses the session. */
function noViewer({ profile }: Backend): HotdeskError {
  return new HotdeskError('viewer-missing', `This machine has no viewer for ${profile.name} sessions.`, {
    hint: 'Run `hotdesk doctor` for the command that installs it.',
  });
}

/** How the new viewer opens: differs between a window and a lent terminal. */
export interface Opening {
  /** It begins while the session is being claimed, and waits itself for `claimed` where it must. */
  readonly holdsBack?: true;
  run(signal: AbortSignal, claimed: Promise<unknown>): Promise<void>;
  undo(): Promise<void>;
  endOthers(signal: AbortSignal): Promise<void>;
}

/** Runs the plan of an attach, with the undo of each step. */
export async function takeOver(
  context: ActionContext,
  request: Pick<AttachRequest, 'session' | 'host' | 'mode' | 'asked'> & { steals: Steals },
  signal: AbortSignal,
  report: Report,
  opening: Opening,
): Promise<void> {
  const { session } = request;
  const plan = planAttach({ steals: request.steals, mode: request.mode, others: session.watchers.length });
  const isBeside = opening.holdsBack && plan[1] === 'open';
  let claim: Promise<Handover> | undefined;
  let hasFailed = false;
  const known: Readonly<Record<PlanStep, Step>> = {
    claim: {
      name: `asking ${session.host} for ${session.name}`,
      run: async (inner) => {
        const ask = () => context.claim(session, inner, request.asked);
        if (!isBeside) {
          claim = ask();
          await claim;
          return;
        }
        // The viewer's program starts first: to ask competes with that.
        claim = setImmediate().then(() => {
          if (hasFailed) throw cancelled(inner);
          return ask();
        });
        // Refused, it is the opening that fails.
        claim.catch(() => {});
      },
      undo: async () => {
        hasFailed = true;
        await (await claim?.catch(() => undefined))?.end(false);
      },
    },
    open: {
      name: `opening ${session.name}`,
      run: (inner) => opening.run(inner, claim ?? Promise.resolve()),
      undo: opening.undo,
    },
    'end-others': { name: 'ending the viewer elsewhere', run: opening.endOthers },
    // The new viewer shows: if the host's agent cannot be told any more, that is no reason to close it.
    commit: { name: 'handing over', run: async () => (await claim)?.end(true).catch(() => {}) },
  };
  await runSteps(
    plan.map((step) => known[step]),
    { signal, report },
  );
}
