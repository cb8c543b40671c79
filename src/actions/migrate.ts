/**
 * Takes a running session to another host, where its backend can (profile section `migrate`). The
 * stream goes through here: from a socket of the source's to one of the target's. Until the target has
 * been told to take it, the source has all of it and goes on whatever happens.
 */
import { sleep, throwIfAborted } from '../kernel/abort.ts';
import { HotdeskError, toHotdeskError } from '../kernel/errors.ts';
import { randomId } from '../kernel/ids.ts';
import { splice } from '../kernel/splice.ts';
import type { Host } from '../model/host.ts';
import type { MigrateStep } from '../model/profile.ts';
import type { HostSession } from '../model/session.ts';
import type { Viewer } from '../model/viewer.ts';
import type { ActionResult } from '../protocol/api.ts';
import type { ActionContext, Redirect, Report } from './context.ts';
import { bringViewers, stillShown } from './follow.ts';

export interface MigrateRequest {
  readonly session: HostSession;
  readonly to: Host;
  /** Bytes a second; undefined: as fast as it goes. */
  readonly limit: number | undefined;
}

type Said = Readonly<Record<string, string>>;

/** Bytes a second that no line here has. */
const UNLIMITED = 10_000_000_000;
/** Between two looks at how far it is, in ms. */
const LOOK_MS = 300;
/** How often the target hears that it is still wanted, in ms. */
const BEAT_MS = 3000;
/** How long a host that does not answer at the end is asked again, in ms. */
const SETTLE_MS = 90_000;
const AGAIN_MS = 2000;
/** How long a viewer that follows by itself is waited for, in ms. */
const FOLLOW_MS = 8000;

/**
 * @throws HotdeskError `not-supported` with the reason where it cannot go; on every failure before the
 * target has it, the session runs on where it was
 */
export async function migrate(
  context: ActionContext,
  { session, to, limit }: MigrateRequest,
  signal: AbortSignal,
  report: Report,
): Promise<ActionResult> {
  const began = Date.now();
  const from = context.hostOf(session);
  if (from.key === to.key)
    throw new HotdeskError('bad-argument', `${session.name} is on ${to.name} already.`);
  const backend = await context.backend(from, session.backend, signal);
  if (!backend.profile.can.includes('migrate')) throw immovable(session, to);
  const there = await context.backend(to, session.backend, signal);
  const found = await there.detect(signal);
  if (!found.present) {
    const { message = 'it is not installed', hint } = found.missing ?? {};
    throw new HotdeskError('backend-missing', `${to.name}: ${message}`, { hint });
  }
  const journey = new Journey(
    context,
    session.backend,
    { from, to },
    {
      migrationId: randomId(),
      localId: session.localId,
      limit: String(limit ?? UNLIMITED),
      source: from.name,
      target: to.name,
    },
  );
  const said = await journey.depart(signal, report);
  // From here on it is there: nobody stops it half way.
  const { hostKey: _key, host: _host, ref: _ref, pid: _pid, ...kept } = session;
  const arrived = context.remember(to, { ...kept, localId: said.id ?? '', watchers: [] });
  const followed = await journey.followed(arrived);
  const { viewer, failed } = await bringViewers(context, session, arrived, to, report);
  const left = await journey.leave().then(
    () => undefined,
    (error: unknown) =>
      `What is halted of it on ${from.name} could not be ended: ${toHotdeskError(error).message}`,
  );
  const stayed = followed && (await stillShown(context, followed, arrived, to));
  await Promise.allSettled([context.refresh(from), context.refresh(to)]);
  const why = [...failed, ...(left ? [left] : [])].join(' ');
  return {
    session: arrived,
    ...((stayed ?? viewer) ? { viewer: stayed ?? viewer } : {}),
    ...(why ? { why } : {}),
    timings: { total: Date.now() - began },
  };
}

function immovable(session: HostSession, to: Host): HotdeskError {
  return new HotdeskError(
    'not-supported',
    `A running ${session.backend} session cannot be taken to another host: what runs in it would have to be stopped.`,
    {
      hint: `\`hotdesk migrate ${session.ref} --to ${to.name} --relaunch\` starts the same command there and leaves this one running; \`hotdesk move ${session.ref} --to ${to.name}\` shows it at the desk there.`,
    },
  );
}

/** The way of one session from one host to the other. */
class Journey {
  readonly #context: ActionContext;
  readonly #backend: string;
  readonly #hosts: { readonly from: Host; readonly to: Host };
  #values: Said;
  /** The viewer here, on its way too. */
  #redirect: Redirect | undefined;

  constructor(
    context: ActionContext,
    backend: string,
    hosts: { readonly from: Host; readonly to: Host },
    values: Said,
  ) {
    this.#context = context;
    this.#backend = backend;
    this.#hosts = hosts;
    this.#values = values;
  }

  /** Resolves when it runs there; else it runs on where it was, or nobody can tell yet, which the error says. */
  async depart(signal: AbortSignal, report: Report): Promise<Said> {
    const { from, to } = this.#hosts;
    report(`asking ${from.name} whether it can go`);
    const facts = await this.#step(from, 'describe', signal);
    if (facts.pending !== undefined) return this.#settlePending(facts.pending, report);
    let close = () => {};
    try {
      report(`getting ${to.name} ready`);
      const { socket = '', view } = await this.#step(to, 'receive', signal);
      await this.#lead(view, signal);
      const { carry = '' } = await this.#step(from, 'send', signal);
      close = await this.#join(carry, socket, signal);
      await this.#carried(signal, report);
    } catch (error) {
      this.#redirect?.undo();
      close();
      // First the target, so that it can never run there; it drops it by itself if it cannot be told.
      await this.#step(to, 'drop').catch(() => {});
      await this.#goOn(report);
      throw error;
    }
    try {
      report(`${to.name} takes over`);
      return await this.#taken(report);
    } finally {
      close();
    }
  }

  /** The viewer here that has followed by itself, and shows `arrived` now. */
  async followed(arrived: HostSession): Promise<Viewer | undefined> {
    const redirect = this.#redirect;
    if (!redirect) return undefined;
    for (const until = Date.now() + FOLLOW_MS; Date.now() < until; await sleep(LOOK_MS)) {
      const said = await this.#step(this.#hosts.from, 'look').catch((): Said => ({}));
      if (said.followed !== undefined) return redirect.done(this.#hosts.to, arrived);
    }
    redirect.undo();
    return undefined;
  }

  /** Nothing is left at the source. */
  async leave(): Promise<void> {
    await this.#persist(() => this.#step(this.#hosts.from, 'leave'));
  }

  /** What the one viewer here opens from now on leads to the target. */
  async #lead(view: string | undefined, signal: AbortSignal): Promise<void> {
    const { from, to } = this.#hosts;
    const session = { backend: this.#backend, localId: this.#values.localId ?? '' };
    const [viewer, other] = this.#context.viewers
      .of(from.key, session)
      .filter(({ state }) => state === 'shown');
    if (viewer && !other && view !== undefined) {
      const target = await this.#context.backend(to, this.#backend, signal);
      this.#redirect = this.#context.viewers.redirect(viewer.id, target, { kind: 'unix', path: view });
    }
    this.#values = { ...this.#values, follow: this.#redirect ? 'yes' : 'no' };
  }

  async #join(carry: string, socket: string, signal: AbortSignal): Promise<() => void> {
    const { from, to } = this.#hosts;
    const source = await this.#context.backend(from, this.#backend, signal);
    const target = await this.#context.backend(to, this.#backend, signal);
    const far = await target.machine.open({ kind: 'unix', path: socket }, signal);
    try {
      const near = await source.machine.open({ kind: 'unix', path: carry }, signal);
      near.on('error', () => near.destroy());
      splice(near, far);
      return () => {
        near.destroy();
        far.destroy();
      };
    } catch (error) {
      far.destroy();
      throw error;
    }
  }

  /** Resolves when the target has all of it and the source stands still. */
  async #carried(signal: AbortSignal, report: Report): Promise<void> {
    const { from, to } = this.#hosts;
    for (let beat = 0; ; ) {
      throwIfAborted(signal);
      if (Date.now() - beat > BEAT_MS) {
        beat = Date.now();
        await this.#step(to, 'beat', signal);
      }
      const { state, percent, why } = await this.#step(from, 'look', signal);
      if (state === 'sent') return;
      if (state === 'failed') {
        throw new HotdeskError('command-failed', `It could not be sent: ${why?.trim() || 'no word why'}.`, {
          hint: `It goes on at ${from.name}.`,
        });
      }
      report(percent === undefined ? `sending it to ${to.name}` : `sending it to ${to.name}: ${percent} %`);
      await sleep(LOOK_MS, signal);
    }
  }

  /** Told to run there. Until that is answered nobody knows, and the source stays halted. */
  async #taken(report: Report): Promise<Said> {
    const { from, to } = this.#hosts;
    try {
      return await this.#persist(
        () => this.#step(to, 'take'),
        () => report(`${to.name} does not answer: asking again`),
      );
    } catch (thrown) {
      const error = toHotdeskError(thrown);
      if (!isSilence(error)) {
        this.#redirect?.undo();
        await this.#goOn(report);
        throw error;
      }
      throw new HotdeskError(
        error.code,
        `${to.name} was told to take it over and has not answered since: it is halted on ${from.name}, and may run on ${to.name}.`,
        {
          hint: `As soon as ${to.name} can be reached: \`hotdesk migrate ${this.#backend}:${this.#values.localId}@${from.name} --to ${to.name}\` finds out and puts it right.`,
          cause: error,
        },
      );
    }
  }

  /** An earlier one whose end nobody knew. */
  async #settlePending(migrationId: string, report: Report): Promise<Said> {
    const { from, to } = this.#hosts;
    this.#values = { ...this.#values, migrationId };
    report(`asking ${to.name} what became of it`);
    const said = await this.#taken(report).catch((thrown: unknown) => {
      const error = toHotdeskError(thrown);
      if (isSilence(error)) throw error;
      throw new HotdeskError(
        'command-failed',
        `It had not come to ${to.name}, and goes on at ${from.name}.`,
        {
          hint: 'Run the same command again to send it once more.',
          cause: error,
        },
      );
    });
    return said;
  }

  /** It goes on at the source. */
  async #goOn(report: Report): Promise<void> {
    const { from } = this.#hosts;
    await this.#persist(
      () => this.#step(from, 'cancel'),
      () => report(`${from.name} does not answer: asking again`),
      // What was still being sent gives up by itself there.
    ).catch(() => {});
  }

  /** A step that must be answered: again while the host is silent. */
  async #persist<T>(work: () => Promise<T>, onSilence: () => void = () => {}): Promise<T> {
    for (const until = Date.now() + SETTLE_MS; ; ) {
      try {
        return await work();
      } catch (error) {
        if (!isSilence(toHotdeskError(error)) || Date.now() > until) throw error;
      }
      onSilence();
      await sleep(AGAIN_MS);
    }
  }

  /** Each over the connection that there is now: it may be another one than before. */
  async #step(host: Host, step: MigrateStep, signal?: AbortSignal): Promise<Said> {
    const backend = await this.#context.backend(host, this.#backend, signal ?? AbortSignal.timeout(20_000));
    const said = await backend.migrate(step, this.#values, signal);
    this.#values = { ...said, ...this.#values };
    return said;
  }
}

const SILENT: ReadonlySet<string> = new Set([
  'connection-lost',
  'connection-refused',
  'host-unreachable',
  'timeout',
  'cancelled',
]);

/** The host said nothing, so nobody knows whether it did anything. */
function isSilence({ code }: HotdeskError): boolean {
  return SILENT.has(code);
}
