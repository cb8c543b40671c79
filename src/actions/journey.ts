/**
 * The way of one session from one host to the other, step by step (profile section `migrate`), and what is
 * put back where that fails: it runs in one place at most, and somebody always has all of it.
 */
import type { Duplex } from 'node:stream';
import { sleep, throwIfAborted } from '../kernel/abort.ts';
import { HotdeskError, toHotdeskError } from '../kernel/errors.ts';
import { splice } from '../kernel/splice.ts';
import type { Host } from '../model/host.ts';
import type { MigrateStep } from '../model/profile.ts';
import type { HostSession } from '../model/session.ts';
import type { Viewer } from '../model/viewer.ts';
import type { ActionContext, Redirect, Report } from './context.ts';
import type { Shown } from './follow.ts';
import { answered, isSilence } from './silence.ts';

export type Said = Readonly<Record<string, string>>;

/** Between two looks at how far it is, in ms. */
const LOOK_MS = 300;
/** How often the target hears that it is still wanted, in ms. */
const BEAT_MS = 3000;
/** How long a target that does not answer is told to drop what it has, in ms. */
const DROP_MS = 8000;
/** How long a viewer that follows by itself is waited for, in ms. */
const FOLLOW_MS = 8000;

export class Journey {
  readonly #context: ActionContext;
  readonly #backend: string;
  readonly #hosts: { readonly from: Host; readonly to: Host };
  #values: Said;
  /** The viewer here, on its way too. */
  #redirect: Redirect | undefined;
  readonly #watchers: Shown['watchers'];
  #viewers: readonly Viewer[] = [];

  constructor(
    context: ActionContext,
    backend: string,
    hosts: { readonly from: Host; readonly to: Host },
    values: Said,
    watchers: Shown['watchers'],
  ) {
    this.#context = context;
    this.#backend = backend;
    this.#hosts = hosts;
    this.#values = values;
    this.#watchers = watchers;
  }

  /** Where it was shown as long as it ran at the source: some backends' viewers end with that. */
  get shown(): Shown {
    return { viewers: this.#viewers, watchers: this.#watchers };
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
      close();
      if (!(await this.#isThere(report))) {
        this.#redirect?.undo();
        throw error;
      }
    }
    try {
      report(`${to.name} takes over`);
      return await this.#taken(report);
    } finally {
      close();
    }
  }

  /** The viewer here that has followed by itself, and shows `arrived` now; `taken` is what the target said. */
  async followed(taken: Said, arrived: HostSession): Promise<Viewer | undefined> {
    const redirect = this.#redirect;
    if (!redirect) return undefined;
    let { followed } = taken;
    for (const until = Date.now() + FOLLOW_MS; !followed && Date.now() < until; await sleep(LOOK_MS)) {
      ({ followed } = await this.#step(this.#hosts.from, 'look').catch((): Said => ({})));
    }
    if (followed === 'yes') {
      const viewer = redirect.done(this.#hosts.to, arrived);
      this.#viewers = this.#viewers.filter(({ id }) => id !== viewer?.id);
      return viewer;
    }
    redirect.undo();
    return undefined;
  }

  /** Nothing is left at the source. */
  async leave(): Promise<void> {
    await answered(() => this.#step(this.#hosts.from, 'leave'));
  }

  /** What the one viewer here opens from now on leads to the target. */
  async #lead(view: string | undefined, signal: AbortSignal): Promise<void> {
    const [viewer, other] = this.#look();
    if (viewer && !other && view !== undefined) {
      const target = await this.#context.backend(this.#hosts.to, this.#backend, signal);
      const open = (ended: AbortSignal) => this.#console(view, ended);
      this.#redirect = this.#context.viewers.redirect(viewer.id, target, open);
    }
    const { port } = this.#redirect ?? {};
    this.#values = {
      ...this.#values,
      follow: this.#redirect ? 'yes' : 'no',
      viewerPort: port === undefined ? '' : String(port),
    };
  }

  /** Opens the console at the target: `view`, or where the target says that it is now. */
  async #console(view: string, signal: AbortSignal): Promise<Duplex> {
    const { to } = this.#hosts;
    const { machine } = await this.#context.backend(to, this.#backend, signal);
    if (view.startsWith('/')) return machine.open({ kind: 'unix', path: view }, signal);
    if (this.#values.viewPath === undefined && this.#values.viewPort === undefined) {
      await this.#step(to, 'beat', signal);
    }
    const { viewPath = '', viewPort = '' } = this.#values;
    if (viewPath.startsWith('/')) return machine.open({ kind: 'unix', path: viewPath }, signal);
    const port = Number(viewPort);
    if (viewPort === '' || !(Number.isInteger(port) && port > 0 && port < 65_536)) {
      throw new HotdeskError('output-unparsable', `${to.name} did not say where its console is.`);
    }
    return machine.open({ kind: 'tcp', host: '127.0.0.1', port }, signal);
  }

  /** Those here that show it. */
  #look(): readonly Viewer[] {
    const session = { backend: this.#backend, localId: this.#values.localId ?? '' };
    const { from } = this.#hosts;
    this.#viewers = this.#context.viewers.of(from.key, session).filter(({ state }) => state === 'shown');
    return this.#viewers;
  }

  async #join(carry: string, socket: string, signal: AbortSignal): Promise<() => void> {
    const { from, to } = this.#hosts;
    const source = await this.#context.backend(from, this.#backend, signal);
    const target = await this.#context.backend(to, this.#backend, signal);
    const far = await target.machine.open({ kind: 'unix', path: socket }, signal);
    // It may break while the other one is still on its way.
    far.on('error', () => far.destroy());
    try {
      const near = await source.machine.open({ kind: 'unix', path: carry }, signal);
      near.on('error', () => near.destroy());
      if (far.destroyed) {
        near.destroy();
        throw new HotdeskError('connection-lost', `${to.name} has ended what it was to receive it by.`, {
          hint: `It goes on at ${from.name}. Try again.`,
        });
      }
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
      this.#look();
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
      return await answered(
        () => this.#step(to, 'take'),
        () => report(`${to.name} does not answer: asking again`),
      );
    } catch (thrown) {
      const error = toHotdeskError(thrown);
      if (!isSilence(error)) {
        this.#redirect?.undo();
        if ((await this.#goOn(report))?.gone === undefined) throw error;
        throw new HotdeskError(
          'session-gone',
          `It had ended on ${from.name}, and ${to.name} has it no more: ${error.message}`,
          { hint: `See what libvirt's log on ${to.name} says of it.`, cause: error },
        );
      }
      const halted =
        this.#values.gone === undefined
          ? `it is halted on ${from.name}, and may run on ${to.name}`
          : `it has left ${from.name}, and is halted or runs on ${to.name}`;
      throw new HotdeskError(
        error.code,
        `${to.name} was told to take it over and has not said that it did (${error.message.replace(/\.$/u, '')}): ${halted}.`,
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
    this.#look();
    report(`asking ${to.name} what became of it`);
    const said = await this.#taken(report).catch((thrown: unknown) => {
      const error = toHotdeskError(thrown);
      if (isSilence(error) || error.code === 'session-gone') throw error;
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

  /**
   * After a failure: false when it goes on at the source, or will. True where the target had all of it
   * and the source, asked, is certain to have ended: then nothing was lost but the word of it.
   */
  async #isThere(report: Report): Promise<boolean> {
    const { to } = this.#hosts;
    // First the target, so that it can never run there; it drops it by itself if it cannot be told.
    const kept = await this.#step(to, 'drop', AbortSignal.timeout(DROP_MS)).then(
      () => undefined,
      toHotdeskError,
    );
    const said = await this.#goOn(report);
    if (said?.gone !== undefined) return kept !== undefined;
    if (!said || !kept || isSilence(kept)) return false;
    // It has all of it, and would not drop that as long as it might have been the only one.
    this.#values = { ...this.#values, sure: 'yes' };
    await this.#step(to, 'drop').catch(() => {});
    return false;
  }

  /** It goes on at the source, or `gone` says that it cannot; undefined: what was still being sent gives up by itself there. */
  async #goOn(report: Report): Promise<Said | undefined> {
    const { from } = this.#hosts;
    return answered(
      () => this.#step(from, 'cancel'),
      () => report(`${from.name} does not answer: asking again`),
    ).catch(() => undefined);
  }

  /** Each over the connection that there is now: it may be another one than before. */
  async #step(host: Host, step: MigrateStep, signal?: AbortSignal): Promise<Said> {
    const backend = await this.#context.backend(host, this.#backend, signal ?? AbortSignal.timeout(20_000));
    const said = await backend.migrate(step, this.#values, signal);
    this.#values = { ...said, ...this.#values };
    return said;
  }
}
