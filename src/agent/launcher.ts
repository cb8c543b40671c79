/** Starts the local program that shows a session, as the session's profile says. */
import { realpathSync } from 'node:fs';
import { HotdeskError } from '../kernel/errors.ts';
import type { Host } from '../model/host.ts';
import { formatRef } from '../model/ref.ts';
import { viewerCommand } from '../profiles/view.ts';
import { launchViewer } from '../viewer/launch.ts';
import { isInstalled } from '../viewer/locate.ts';
import type { AwaitedView } from './terminals.ts';
import type { LaunchRequest, RunningViewer } from './viewers.ts';

export interface LauncherDeps {
  /** Environment that viewers are found with. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** argv of the hotdesk command, for a terminal emulator. */
  readonly hotdesk: readonly string[];
  /** Arguments by which the ssh program reaches a host. */
  sshTo(host: Host): Promise<readonly string[]>;
  /** Private folder for viewers' files. */
  readonly folder: string;
  /** Programs that the user wants before others. */
  prefer(): readonly string[];
  readonly me: { readonly hostId: string; readonly host: string };
  /** Resolves when a terminal for that viewer has called the agent. */
  awaitCall(viewerId: string, view: AwaitedView): Promise<void>;
  /** That terminal has ended. */
  forget(viewerId: string): void;
}

/** @throws from the answer: HotdeskError `viewer-missing`, `viewer-failed`, `timeout`, `cancelled` */
export function launcher(
  deps: LauncherDeps,
): (request: LaunchRequest, signal: AbortSignal) => Promise<RunningViewer> {
  const isThere = (program: string, holds?: string) => isInstalled(program, deps.env.PATH, holds);
  return async (request, signal) => {
    const { backend, session, host, seatEnv, viewerId, at } = request;
    const ssh = at?.kind === 'ssh' && {
      argv: at.argv,
      to: backend.machine.isLocal ? [] : await deps.sshTo(host),
    };
    const command = await viewerCommand(
      backend.profile,
      {
        view: { mode: request.mode, options: request.options, viewer: { viewerId, ...deps.me } },
        session,
        ref: formatRef({ backend: backend.profile.name, localId: session.localId }, host.name),
        seat: seatEnv.kind,
        hotdesk: deps.hotdesk,
        prefer: deps.prefer(),
        secrets: request.secrets,
        folder: deps.folder,
        ...(at?.kind === 'unix' ? { path: at.path } : {}),
        ...(at?.kind === 'tcp' ? { port: at.port } : {}),
        ...(ssh ? { ssh } : {}),
      },
      isThere,
    );
    // The call may come before the emulator's start is seen as done.
    const called = at === undefined ? deps.awaitCall(viewerId, request) : undefined;
    const running = await launchViewer(command, seatEnv, { env: deps.env, signal }).catch(
      (error: unknown) => {
        deps.forget(viewerId);
        throw error;
      },
    );
    void running.exited.then(() => deps.forget(viewerId));
    return {
      pid: running.pid,
      shown: called ? shownByCall(running, called, command.timeoutMs) : running.shown,
      exited: running.exited.then(({ code, signal: by, said }) => `${by ?? code ?? '?'} ${said}`.trim()),
      stop: async () => {
        await running.terminate();
      },
    };
  };
}

/** A terminal shows its session when the hotdesk inside it has called and opened it. */
function shownByCall(
  running: Awaited<ReturnType<typeof launchViewer>>,
  called: Promise<void>,
  timeoutMs: number,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const fail = (error: HotdeskError) => {
      clearTimeout(timer);
      reject(error);
    };
    const timer = setTimeout(() => {
      fail(new HotdeskError('timeout', `The terminal showed nothing for ${Math.round(timeoutMs / 1000)} s.`));
    }, timeoutMs);
    called.then(() => {
      clearTimeout(timer);
      resolve();
    }, fail);
    running.shown.catch(fail);
    void running.exited.then(({ said }) =>
      fail(
        new HotdeskError(
          'viewer-failed',
          `The terminal ended before it showed the session: ${said || 'no word'}.`,
        ),
      ),
    );
  });
}

/** argv that runs hotdesk again: this Node with the shim that started the agent. */
export function hotdeskCommand(argv: readonly string[]): readonly string[] {
  const [node = process.execPath, script = ''] = argv;
  return [node, realpathSync(script)];
}
