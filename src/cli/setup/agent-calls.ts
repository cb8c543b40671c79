/** What the wizard's steps ask of the agent of this machine. */
import { connect as connectSocket } from 'node:net';
import { cancelled } from '../../kernel/abort.ts';
import { HotdeskError } from '../../kernel/errors.ts';
import type { Method, Params, Result } from '../../protocol/api.ts';
import type { AgentCalls, Report } from '../../wizard/wizard.ts';
import { addHost, type ManualHost, removeHost } from '../manual-hosts.ts';
import type { Run } from '../shell.ts';

/** The setting that holds the typed-in hosts. */
const SETTING = 'hosts';
/** A screen that stays empty for so long is not shown, in ms. */
const SCREEN_MS = 15_000;
/** How long the agent may take to end a connection, in ms. */
const LEAVE_MS = 3000;

export function agentCalls(run: Run): AgentCalls {
  /** Terminals held open, by the session: their end is a detach. */
  const screens = new Map<string, () => void>();
  const call = async <M extends Method>(
    method: M,
    params: Params<M>,
    signal: AbortSignal,
    report?: Report,
  ): Promise<Result<M>> => {
    const client = await run.connect();
    return client.call(method, params, { signal, ...(report ? { onProgress: report } : {}) });
  };
  const hostsSetting = async (change: (now: readonly ManualHost[]) => readonly ManualHost[]) => {
    const client = await run.connect();
    const { settings } = await client.call('config.list', {});
    const now = (settings.find(({ key }) => key === SETTING)?.value ?? []) as readonly ManualHost[];
    const after = change(now);
    if (after.length === now.length) return false;
    await client.call('config.set', { key: SETTING, value: JSON.stringify(after) });
    return true;
  };
  return {
    watchHosts: (onChange) => watchHosts(run, onChange),
    start: async (request, report, signal) => {
      const params = { ...request, command: [...request.command], options: {}, attach: false };
      const { session } = await call('start', params, signal, report);
      return { ref: session.ref };
    },
    attach: async (ref, report, signal) => {
      const seat = await run.seat().catch(() => undefined);
      const params = { ref, mode: 'take' as const, options: {} };
      // Without a seat the agent says whether it is a terminal session, which needs none.
      const asked = await call('attach', params, signal, report).catch((error: HotdeskError) => {
        if (error.code !== 'no-seat' || seat === undefined) throw error;
        return call('attach', { ...params, seat }, signal, report);
      });
      if (asked.wantsTerminal) screens.set(ref, await openScreen(run, ref, signal));
    },
    detach: async (ref, signal) => {
      screens.get(ref)?.();
      screens.delete(ref);
      await call('detach', { ref }, signal);
    },
    stop: async (ref, signal) => {
      screens.get(ref)?.();
      screens.delete(ref);
      await call('stop', { ref }, signal);
    },
    keepHost: (name, target) => hostsSetting((now) => addHost(now, name, target)),
    forgetHost: async (name) => {
      await hostsSetting((now) => (now.some((host) => host.name === name) ? removeHost(now, name) : now));
    },
    leaveHost: async (name) => {
      await call('trust.leave', { host: name }, AbortSignal.timeout(LEAVE_MS)).catch(() => {});
    },
  };
}

function watchHosts(run: Run, onChange: Parameters<AgentCalls['watchHosts']>[0]): () => void {
  let isOver = false;
  let end = () => {};
  const start = async () => {
    const client = await run.connect();
    if (isOver) return;
    end = client.on('catalogue', (snapshot) => {
      if (!isOver) onChange(snapshot.hosts);
    });
    const { hosts } = await client.call('subscribe', {});
    if (!isOver) onChange(hosts);
  };
  // Without an agent nobody is found; a host can still be typed in.
  start().catch(() => {});
  return () => {
    isOver = true;
    end();
  };
}

/** The session's screen, seen by its first bytes. @returns what closes it @throws HotdeskError */
async function openScreen(run: Run, ref: string, signal: AbortSignal): Promise<() => void> {
  const client = await run.connect();
  const opened = await client.call(
    'terminal.open',
    { ref, mode: 'take', options: {}, term: 'xterm-256color', columns: 80, rows: 24 },
    { signal },
  );
  const path = opened.socket;
  // On this machine itself there is no socket: the session's own program would draw it.
  if (path === undefined) return () => {};
  const socket = connectSocket(path);
  await new Promise<void>((resolve, reject) => {
    const fail = (error: HotdeskError) => {
      socket.destroy();
      reject(error);
    };
    const timer = setTimeout(
      () => fail(new HotdeskError('timeout', `The screen of ${ref} stayed empty.`)),
      SCREEN_MS,
    );
    const stopped = () => fail(cancelled(signal));
    signal.addEventListener('abort', stopped, { once: true });
    const settled = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', stopped);
    };
    socket.once('data', () => {
      settled();
      socket.resume();
      resolve();
    });
    socket.once('error', (cause) => {
      settled();
      fail(new HotdeskError('connection-lost', `The screen of ${ref} could not be opened.`, { cause }));
    });
    socket.once('close', () => {
      settled();
      fail(new HotdeskError('session-gone', `${ref} has ended.`));
    });
  });
  socket.on('error', () => {});
  return () => socket.destroy();
}
