/** Brings a session to a seat of this machine, or sends it to the seat of another. */
import { HotdeskError } from '../kernel/errors.ts';
import type { ActionResult } from '../protocol/api.ts';
import { type AttachRequest, attach } from './attach.ts';
import type { ActionContext, Options, Report } from './context.ts';
import { toldHost } from './told-host.ts';

export interface MoveRequest extends Omit<AttachRequest, 'mode'> {
  /** Host whose seat it goes to; undefined: this machine. */
  readonly to: string | undefined;
}

/** @throws HotdeskError `no-seat`, `not-supported` (no agent there), or as attach does */
export async function move(
  context: ActionContext,
  request: MoveRequest,
  signal: AbortSignal,
  report: Report,
): Promise<ActionResult> {
  const target = request.to === undefined ? undefined : context.host(request.to);
  if (!target || target.hostId === context.me.hostId) {
    return attach(context, { ...request, mode: 'take' }, signal, report);
  }
  return send(context, request, target.name, signal, report);
}

async function send(
  context: ActionContext,
  request: MoveRequest,
  to: string,
  signal: AbortSignal,
  report: Report,
): Promise<ActionResult> {
  const { session, host } = request;
  const target = context.host(to);
  report(`asking ${target.name} to open ${session.name}`);
  const peer = await context.peer(target, signal);
  if (!peer) {
    throw new HotdeskError('not-supported', `There is no hotdesk agent on ${target.name} to open it.`, {
      hint: `Install hotdesk on ${target.name} and run \`hotdesk agent start\` there, or run \`hotdesk move ${session.name}\` at that machine.`,
    });
  }
  const began = Date.now();
  const open = {
    backend: session.backend,
    localId: session.localId,
    host: toldHost(host),
    options: options(request.options),
    by: context.me,
    reason: 'send' as const,
  };
  const first = context.canAsk ? { ...open, mayAsk: true } : open;
  let result = await peer.call('seat.open', first, signal, report);
  if (result.wantsPassword) {
    const { user } = result.wantsPassword;
    const wanted = { user, host: host.name, backend: session.backend, to: target.name };
    const password = await context.askFor(wanted, signal);
    result = await peer.call('seat.open', { ...open, account: { user, password } }, signal, report);
  }
  return {
    session,
    ...(result.viewer ? { viewer: result.viewer } : {}),
    timings: { total: Date.now() - began },
  };
}

function options(given: Options): Record<string, string | number | boolean> {
  return { ...given };
}
