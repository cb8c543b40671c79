/** API methods that open what somebody handed out. What they do is loaded when one is called. */
import type { Seat } from '../../model/seat.ts';
import type { Paths } from '../../protocol/paths.ts';
import type { Keeping } from '../account/kept.ts';
import type { AgentContext } from '../context.ts';
import type { Prompts } from '../prompts.ts';
import type { Call, Handlers } from './server.ts';

export interface ConsolesDeps {
  readonly prompts: Prompts;
  readonly keeping: Keeping;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly viewerFolder: string;
  readonly paths: Pick<Paths, 'stateDir'>;
  readonly settings: { current(): { readonly preferViewers: readonly string[] } };
  readonly seats: { pick(id: string): Promise<Seat> };
}

export function consoleHandlers(
  { prompts, keeping, env, viewerFolder, paths, seats, settings }: ConsolesDeps,
  contextOf: (call: Call) => AgentContext,
): Pick<Handlers, 'console.look' | 'console.open' | 'console.host'> {
  const depsOf = (call: Call) => ({
    context: contextOf(call),
    env,
    folder: viewerFolder,
    pickSeat: (id: string) => seats.pick(id),
    prefer: settings.current().preferViewers,
    prompter: prompts.of(call),
  });
  return {
    'console.look': async (params, call) => {
      const { lookAtConsole } = await import('../console/console.ts');
      return lookAtConsole(contextOf(call), params);
    },
    'console.open': async (params, call) => {
      const { openConsole } = await import('../console/console.ts');
      return openConsole(depsOf(call), params, call.signal, (text) => call.progress(text));
    },
    'console.host': async (params, call) => {
      const deps = { ...depsOf(call), keeping, stateDir: paths.stateDir };
      const host = await deps.context.findHost(params.host, call.signal);
      const { openRdp } = await import('../rdp/rdp.ts');
      return openRdp(deps, host, params, call.signal, (text) => call.progress(text));
    },
  };
}
