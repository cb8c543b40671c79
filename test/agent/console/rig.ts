/** A context in which a console can be opened: this machine, its profile, and settings by name. */
import type { ConsoleDeps } from '../../../src/agent/console/console.ts';
import type { AgentContext } from '../../../src/agent/context.ts';
import type { Host } from '../../../src/model/host.ts';
import type { Session } from '../../../src/model/session.ts';
import type { Viewer } from '../../../src/model/viewer.ts';
import { checkOptions, type OptionValues } from '../../../src/profiles/options.ts';
import { HOST } from '../../actions/fake-context.ts';
import { packaged } from '../../contract/packaged.ts';

export const ME: Host = { ...HOST, key: 'ME', name: 'me', state: 'local' };

export const base64 = (text: string) => Buffer.from(text).toString('base64');

/** @param set settings by the name of a session; by `` those of the profile */
export function rig(set: Readonly<Record<string, OptionValues>> = {}) {
  const profile = packaged('console');
  const added: { viewer: Viewer; stop: () => Promise<void> }[] = [];
  const log: string[] = [];
  const context = {
    me: { hostId: 'ME', host: 'me' },
    rows: () => ({ hosts: [HOST, ME], sessions: [], answerOf: new Map() }),
    backend: async () => ({ profile }),
    options: async (_backend: unknown, { session }: { session: string }, given: OptionValues) =>
      checkOptions(profile, { ...set[''], ...set[session], ...given }),
    viewers: {
      add: (viewer: Viewer, { stop }: { stop: () => Promise<void> }) => void added.push({ viewer, stop }),
      shown: (id: string) => added.find(({ viewer }) => viewer.id === id)?.viewer,
    },
    remember: (_host: Host, session: Session) => session,
    refresh: async () => void log.push('refresh'),
  } as unknown as AgentContext;
  const deps: Omit<ConsoleDeps, 'folder'> = {
    context,
    env: {},
    prefer: [],
    pickSeat: async (id) => ({ id, kind: 'x11', env: { DISPLAY: id } }),
    prompter: undefined,
  };
  return { context, deps, added, log };
}
