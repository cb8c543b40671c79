/** Holds a profile against a real host: what it says it can, done once with a session of its own. */
import { sleep } from '../kernel/abort.ts';
import { toHotdeskError } from '../kernel/errors.ts';
import { randomId } from '../kernel/ids.ts';
import type { Host } from '../model/host.ts';
import type { Ability } from '../model/profile.ts';
import type { Session, SessionKind } from '../model/session.ts';
import type { Backend, ViewRequest } from '../profiles/backend.ts';
import { livesByViewer } from '../profiles/not-kept.ts';
import type { ProofStep } from '../protocol/api.ts';
import type { ActionContext, Options, Report } from './context.ts';

export interface ProveRequest {
  readonly host: Host;
  readonly profile: string;
  /** What runs in the session; empty: what fits its kind. */
  readonly command: readonly string[];
  readonly options: Options;
  /** Seat of this machine; undefined: no viewer is opened. */
  readonly seat: string | undefined;
}

const COMMANDS: Readonly<Record<SessionKind, readonly string[]>> = {
  app: ['xterm'],
  terminal: ['sh', '-c', 'echo hotdesk; exec sleep 600'],
  desktop: [],
  shadow: [],
  // Without a disk, it waits in its firmware.
  vm: ['qemu-system-x86_64', '-machine', 'q35,accel=tcg', '-m', '64', '-nodefaults', '-vga', 'std'],
  console: [],
};

/** Each step with its outcome; what comes after a failed start is passed over. The session is ended whatever happens. */
export async function prove(
  context: ActionContext,
  request: ProveRequest,
  signal: AbortSignal,
  report: Report,
): Promise<ProofStep[]> {
  const backend = await context.backend(request.host, request.profile, signal);
  const { profile } = backend;
  const kind = profile.kinds[0] ?? 'app';
  const name = `hotdesk-test-${randomId().slice(0, 6)}`;
  const command = request.command.length > 0 ? request.command : COMMANDS[kind];
  const place = { host: request.host, session: name, seat: request.seat };
  const options = await context.options(backend, place, request.options);
  return context.withPassword(backend, request.host, signal, report, (password) =>
    proveWith(context, { ...request, password, backend, kind, name, command, options }, signal, report),
  );
}

interface Proof extends ProveRequest {
  readonly backend: Backend;
  readonly kind: SessionKind;
  readonly name: string;
  readonly password: string | undefined;
}

/** @throws HotdeskError `auth-failed` where the password is not taken, and not as the outcome of a step */
async function proveWith(
  context: ActionContext,
  request: Proof,
  signal: AbortSignal,
  report: Report,
): Promise<ProofStep[]> {
  const { backend, name, password } = request;
  const { profile } = backend;
  const steps = new Steps(profile.can, signal, report, password !== undefined);
  let localId: string | undefined;
  try {
    await steps.run('detect', undefined, async () => detected(backend, signal));
    if (steps.failed) return steps.done;
    await steps.run('start', 'start', async () => {
      const session = await started(context, request, signal);
      localId = session.localId;
      // A terminal emulator finds it by its reference.
      context.remember(request.host, session);
      return `${profile.name}:${localId}`;
    });
    const id = localId;
    if (id === undefined) return steps.done;
    await steps.run('list', undefined, async () => {
      const row = (await backend.list(signal)).find((s) => s.localId === id);
      if (!row) throw new Error('It is not in the list.');
      if (row.name !== name) throw new Error(`It is listed as ${row.name}, not as ${name}.`);
      return row.state === 'live' ? undefined : `as ${row.state}`;
    });
    await steps.run('info', undefined, async () => {
      await backend.info(id, signal);
    });
    const viewing = await attachedIn(steps, context, request, { localId: id, name }, signal);
    await steps.run('thumbnail', 'thumbnail', async () => {
      const picture = await pictured(backend, id, viewing !== undefined, signal);
      return picture.kind === 'png' ? `${picture.data.length} bytes of PNG` : undefined;
    });
    if (viewing !== undefined) await context.viewers.close(viewing);
    await steps.run('exec-into', 'exec-into', () => backend.execInto(id, ['true'], signal));
    await steps.run('rename', 'rename', async () => {
      await backend.rename(id, `${name}-2`, signal);
      const row = (await backend.list(signal)).find((s) => s.localId === id);
      if (row?.name !== `${name}-2`) throw new Error(`It is listed as ${row?.name}, not as ${name}-2.`);
    });
    await steps.run('detach', 'detach', () => backend.detach(id, signal));
    await steps.run('stop', 'stop', async () => {
      await backend.stop(id, signal);
      localId = undefined;
      if ((await backend.list(signal)).some((s) => s.localId === id)) throw new Error('It is listed still.');
    });
    return steps.done;
  } finally {
    if (localId !== undefined && profile.can.includes('stop')) await backend.stop(localId).catch(() => {});
    await context.refresh(request.host).catch(() => {});
  }
}

/** What lives by its viewer is started with one. */
async function started(context: ActionContext, proof: Proof, signal: AbortSignal): Promise<Session> {
  const { backend, host, kind, name, command, options, password, seat } = proof;
  const wanted = { name, command, kind, options, password };
  if (!livesByViewer(backend.profile) || seat === undefined) return backend.start(wanted, () => {}, signal);
  const given = await context.options(backend, { host, session: name, seat }, options);
  const failed = new AbortController();
  const ended = AbortSignal.any([signal, failed.signal]);
  let viewer: Promise<unknown> | undefined;
  const session = await backend.start(
    { ...wanted, viewerComes: true },
    (stage) => {
      if (stage.stage !== 'placed' || !stage.endpoint) return;
      const view = { host, backend, session: { localId: stage.localId, name }, seat, mode: 'take' } as const;
      viewer = context.viewers.open({ ...view, options: given, password, endpoint: stage.endpoint }, ended);
      viewer.catch((error: unknown) => failed.abort(error));
    },
    ended,
  );
  await viewer;
  return session;
}

async function detected(backend: Backend, signal: AbortSignal): Promise<string | undefined> {
  const { present, version, missing } = await backend.detect(signal);
  if (!present) throw new Error([missing?.message, missing?.hint].filter(Boolean).join(' '));
  return version;
}

/** Some have no picture before they were shown, and that takes a moment from there on, in ms. */
const PICTURE_MS = 3000;

async function pictured(backend: Backend, id: string, isShown: boolean, signal: AbortSignal) {
  const until = Date.now() + (isShown ? PICTURE_MS : 0);
  for (;;) {
    try {
      return await backend.thumbnail(id, signal);
    } catch (error) {
      if (Date.now() >= until) throw error;
      await sleep(200, signal);
    }
  }
}

/** The step, and the viewer that it has opened. */
async function attachedIn(
  steps: Steps,
  context: ActionContext,
  proof: Proof,
  session: { localId: string; name: string },
  signal: AbortSignal,
): Promise<string | undefined> {
  let viewer: string | undefined;
  await steps.run('attach', 'attach', async () => {
    const { said, id } = await attached(context, proof, session, signal);
    viewer = id;
    return said;
  });
  return viewer;
}

/** With a seat, a viewer is opened; without one, only the way to the session is asked for. */
async function attached(
  context: ActionContext,
  { backend, host, seat, options, password }: Proof,
  session: { localId: string; name: string },
  signal: AbortSignal,
): Promise<{ said: string; id?: string }> {
  const given = await context.options(backend, { host, session: session.name, seat }, options);
  if (seat === undefined) {
    const view: ViewRequest = {
      mode: 'take',
      options: given,
      viewer: { viewerId: randomId(), ...context.me },
      password,
    };
    await backend.endpoint(session.localId, view, signal);
    await backend.admit?.(session.localId, view, signal);
    return { said: 'no display here: no viewer was opened' };
  }
  const viewer = await context.viewers.open(
    { host, backend, session, seat, mode: 'take', options: given, password },
    signal,
  );
  return { said: `shown at ${seat}`, id: viewer.id };
}

class Steps {
  readonly done: ProofStep[] = [];
  readonly #can: readonly Ability[];
  readonly #signal: AbortSignal;
  readonly #report: Report;
  readonly #hasPassword: boolean;

  constructor(can: readonly Ability[], signal: AbortSignal, report: Report, hasPassword: boolean) {
    this.#can = can;
    this.#signal = signal;
    this.#report = report;
    this.#hasPassword = hasPassword;
  }

  get failed(): boolean {
    return this.done.some(({ state }) => state === 'failed');
  }

  /** @param needs what the profile must say that it can; undefined: every profile can */
  async run(step: string, needs: Ability | undefined, work: () => Promise<unknown>) {
    if (needs !== undefined && !this.#can.includes(needs)) return;
    this.#report(step);
    const began = Date.now();
    try {
      const said = await work();
      const detail = typeof said === 'string' ? said : '';
      this.done.push({ step, state: 'ok', detail, ms: Date.now() - began });
    } catch (error) {
      if (this.#signal.aborted) throw error;
      const { code, message, hint } = toHotdeskError(error, 'command-failed');
      if (this.#hasPassword && code === 'auth-failed') throw error;
      const detail = hint ? `${message} ${hint}` : message;
      this.done.push({ step, state: 'failed', detail, ms: Date.now() - began });
    }
  }
}
