/** xpra as its own user would use it: Debian's defaults, over ssh with keys. */
import type { LabHost } from '../../test/rigs/lab/host.ts';
import type { Running } from '../../test/rigs/lab/run.ts';
import { until } from '../../test/rigs/until.ts';
import type { Windows } from './windows.ts';
import { XTERM } from './windows.ts';

/** `ssh://` and what follows; the address, so that no resolver's time counts. */
export const urlOf = (host: LabHost, path = ''): string => `ssh://user@${host.ip}/${path}`;

/** Runs `xpra ARGS` at a seat and says how long it took until the window was there, in ms. */
export async function untilWindow(
  at: LabHost,
  windows: Windows,
  args: readonly string[],
): Promise<{ ms: number; client: Running }> {
  const shown = windows.next(XTERM);
  const began = performance.now();
  const client = at.spawn(['xpra', ...args], { env: { ...at.seatEnv }, timeoutMs: 3_600_000 });
  try {
    return { ms: (await shown) - began, client };
  } catch (error) {
    client.kill('SIGKILL');
    const { stderr } = client.output();
    throw new Error(`${String(error)}: xpra ${args.join(' ')}: ${stderr.slice(-1500)}`);
  }
}

export async function close(client: Running): Promise<void> {
  client.kill('SIGTERM');
  const late = setTimeout(() => client.kill('SIGKILL'), 5000);
  await client.result;
  clearTimeout(late);
}

/** Every process of the host's user that was not there before. Ended with SIGKILL, a display at a time. */
export async function endNew(host: LabHost, before: ReadonlySet<number>): Promise<void> {
  const added = () => host.processes().filter(({ outerPid }) => !before.has(outerPid));
  for (const { outerPid } of added()) {
    try {
      process.kill(outerPid, 'SIGKILL');
    } catch {
      // It ended with another one.
    }
  }
  await until(`${host.name} has ended xpra`, () => added().length === 0);
  await host.user([
    'sh',
    '-c',
    'rm -f /run/user/*/xpra/h*-* .xpra/h*-* /tmp/.X11-unix/X[1-9]* /tmp/.X[1-9]*-lock',
  ]);
}

export const pidsOf = (host: LabHost): ReadonlySet<number> =>
  new Set(host.processes().map(({ outerPid }) => outerPid));

/** Starts a session with Debian's defaults and waits until it answers. */
export async function startServer(host: LabHost, display: number): Promise<void> {
  await host.user(['xpra', 'start', `:${display}`, '--start=xterm']);
  await until(
    `xpra :${display} answers`,
    async () => {
      const info = await host.user(['xpra', 'info', `:${display}`], { env: { XPRA_CONNECT_TIMEOUT: '1' } });
      return /^state\.windows=[1-9]/mu.test(info.stdout);
    },
    20_000,
  );
}
