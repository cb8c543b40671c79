/** API methods that do something with a session. */
import { attach } from '../../actions/attach.ts';
import { move } from '../../actions/move.ts';
import { detach, execInto, info, rename, stop, thumbnail } from '../../actions/session.ts';
import { start } from '../../actions/start.ts';
import { HotdeskError } from '../../kernel/errors.ts';
import type { Host } from '../../model/host.ts';
import type { HostSession } from '../../model/session.ts';
import type { ActionResult, Params } from '../../protocol/api.ts';
import { whoWatches } from '../announced.ts';
import type { AgentContext } from '../context.ts';
import type { Terminals } from '../terminals.ts';
import type { StartableApp } from './apps.ts';
import type { Call, Handlers } from './server.ts';

type ActionMethods =
  | 'start'
  | 'attach'
  | 'move'
  | 'migrate'
  | 'detach'
  | 'stop'
  | 'rename'
  | 'info'
  | 'thumbnail'
  | 'execInto'
  | 'profiles.test'
  | 'terminal.open'
  | 'terminal.resize';

/** Finds an application of a host, to be started. */
export type AppStarter = (
  host: Host,
  params: Params<'start'>,
  text: string,
  signal: AbortSignal,
) => Promise<StartableApp>;

/**
 * @param contextOf for what a call does, whose view may be asked for passwords
 * @param onStop told before a session is ended, so that its end is no surprise
 */
export function actionHandlers(
  contextOf: (call: Call) => AgentContext,
  terminals: Terminals,
  appOf: AppStarter,
  onStop: (session: HostSession) => void,
): Pick<Handlers, ActionMethods> {
  /** A session that is no terminal needs a display. */
  const seatFor = (session: HostSession, seat: string | undefined) => {
    if (seat === undefined && session.kind !== 'terminal') {
      throw new HotdeskError('no-seat', `${session.name} needs a display to be shown on.`, {
        hint: 'Run this in a terminal on your desktop (DISPLAY is not set here), or `hotdesk move … --to HOST`.',
      });
    }
    return seat;
  };
  const after = async (session: HostSession, work: Promise<unknown>): Promise<ActionResult> => {
    await work;
    return { session };
  };
  return {
    start: async (params, call) => {
      const context = contextOf(call);
      const named = await context.findHost(params.host, call.signal);
      call.progress(`connecting to ${named.name}`);
      const host = await context.askedHost(named, call.signal);
      if (params.app === undefined) return start(context, { ...params, host }, call.signal, call.progress);
      if (params.command.length > 0) {
        throw new HotdeskError('bad-argument', 'Give an application or a command, not both.');
      }
      const app = await appOf(host, params, params.app, call.signal);
      const result = await start(context, { ...app.params, host }, call.signal, call.progress);
      await app.started();
      return result;
    },
    attach: async (params, call) => {
      const context = contextOf(call);
      const session = await context.session(params.ref, call.signal);
      const seat = seatFor(session, params.seat);
      const host = context.hostOf(session);
      return attach(context, { ...params, session, host, seat }, call.signal, call.progress);
    },
    move: async (params, call) => {
      const context = contextOf(call);
      if (params.to !== undefined) await context.findHost(params.to, call.signal);
      const session = await context.session(params.ref, call.signal);
      const host = context.hostOf(session);
      const here = params.to === undefined || context.host(params.to).state === 'local';
      const seat = here ? seatFor(session, params.seat ?? (await context.anySeat(params.to))) : params.seat;
      return move(
        context,
        { session, host, seat, options: params.options, to: params.to },
        call.signal,
        call.progress,
      );
    },
    migrate: async (params, call) => {
      const context = contextOf(call);
      const session = await context.session(params.ref, call.signal);
      const to = await context.askedHost(await context.findHost(params.to, call.signal), call.signal);
      if (params.relaunch) {
        const { relaunchOf } = await import('../../actions/relaunch.ts');
        const backend = await context.backend(context.hostOf(session), session.backend);
        const words = await backend.words(session.localId, call.signal);
        const again = relaunchOf(session, to, words, params.seat);
        return start(context, again, call.signal, call.progress);
      }
      const { migrate } = await import('../../actions/migrate.ts');
      // What is put back when the caller is gone needs connections still.
      const lasting = context.asking({ prompter: undefined, signal: new AbortController().signal });
      return migrate(lasting, { session, to, limit: params.limit }, call.signal, call.progress);
    },
    detach: async (params, call) => {
      const context = contextOf(call);
      const session = await context.session(params.ref, call.signal);
      return after(session, detach(context, session, call.signal));
    },
    stop: async (params, call) => {
      const context = contextOf(call);
      const session = await context.session(params.ref, call.signal);
      call.progress(`ending ${session.name}`);
      onStop(session);
      return after(session, stop(context, session, call.signal));
    },
    rename: async (params, call) => {
      const context = contextOf(call);
      const session = await context.session(params.ref, call.signal);
      return { session: await rename(context, session, params.name, call.signal) };
    },
    info: async (params, call) => {
      const context = contextOf(call);
      const session = await context.session(params.ref, call.signal);
      const { facts, ...now } = await info(context, session, call.signal);
      const watchers = [...whoWatches(now.watchers, session.watchers)];
      return { session: { ...session, ...now, watchers }, facts: { ...facts } };
    },
    thumbnail: async (params, call) => {
      const context = contextOf(call);
      const session = await context.session(params.ref, call.signal);
      const picture = await thumbnail(context, session, call.signal);
      return picture.kind === 'png'
        ? { session, png: picture.data.toString('base64') }
        : { session, text: picture.text };
    },
    execInto: async (params, call) => {
      const context = contextOf(call);
      const session = await context.session(params.ref, call.signal);
      return after(session, execInto(context, session, params.command, call.signal));
    },
    'profiles.test': async (params, call) => {
      const context = contextOf(call);
      const named = await context.findHost(params.host, call.signal);
      const host = await context.askedHost(named, call.signal);
      const { name, command, options, seat } = params;
      const { prove } = await import('../../actions/prove.ts');
      return {
        steps: await prove(
          context,
          { host, profile: name, command, options, seat },
          call.signal,
          call.progress,
        ),
      };
    },
    'terminal.open': (params, call) => terminals.open(params, call, contextOf(call)),
    'terminal.resize': (params) => {
      terminals.resize(params.viewerId, params);
      return {};
    },
  };
}
