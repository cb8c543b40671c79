/** API methods that open what somebody handed out. What they do is loaded when one is called. */
import type { Seat } from '../../model/seat.ts';
import type { AgentContext } from '../context.ts';
import type { Prompts } from '../prompts.ts';
import type { Call, Handlers } from './server.ts';

export interface ConsolesDeps {
  readonly prompts: Prompts;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly viewerFolder: string;
  readonly settings: { current(): { readonly preferViewers: readonly string[] } };
  readonly seats: { pick(id: string): Promise<Seat> };
}

export function consoleHandlers(
  { prompts, env, viewerFolder, seats, settings }: ConsolesDeps,
  contextOf: (call: Call) => AgentContext,
): Pick<Handlers, 'console.look' | 'console.open'> {
  return {
    'console.look': async (params, call) => {
      const { lookAtConsole } = await import('../console/console.ts');
      return lookAtConsole(contextOf(call), params);
    },
    'console.open': async (params, call) => {
      const { openConsole } = await import('../console/console.ts');
      const context = contextOf(call);
      const pickSeat = (id: string) => seats.pick(id);
      const deps = {
        context,
        env,
        folder: viewerFolder,
        pickSeat,
        prefer: settings.current().preferViewers,
        prompter: prompts.of(call),
      };
      return openConsole(deps, params, call.signal, (text) => call.progress(text));
    },
  };
}
