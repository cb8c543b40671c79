/** Makes the steps of one run: the entry of this folder. */
import { join } from 'node:path';
import { HotdeskError } from '../kernel/errors.ts';
import type { Profile } from '../model/profile.ts';
import { loadProfiles } from '../profiles/load.ts';
import { byPreference } from '../profiles/preference.ts';
import type { Prompter } from '../ssh/auth/auth.ts';
import { createPool, Lately } from '../ssh/ssh.ts';
import type { SetupDeps, Visit } from './deps.ts';
import { filesHere } from './files/here.ts';
import { Journal } from './journal.ts';
import { agentStep } from './steps/agent.ts';
import { backendsStep } from './steps/backends.ts';
import { hostStep } from './steps/host.ts';
import { keyStep } from './steps/key.ts';
import { loginStep } from './steps/login.ts';
import { machineStep } from './steps/machine.ts';
import { proofStep } from './steps/proof.ts';
import { trustStep } from './steps/trust.ts';
import type { Step } from './wizard.ts';

export interface Setup {
  /** In order; for runSteps. */
  readonly steps: readonly Step[];
  /** What the host is called, once one is picked. */
  name(): string | undefined;
  /** Whether anything was changed for it, in this run or before, that can be taken back. */
  hasChanges(): Promise<boolean>;
  /** Ends the connections and forgets what was typed in. To be called in any case. */
  close(): Promise<void>;
}

/** Nothing is looked at or connected to before the first step is. */
export function createSetup(deps: SetupDeps): Setup {
  const visit = createVisit(deps);
  return {
    steps: stepsOf(visit),
    name: () => visit.place?.name,
    hasChanges: async () => {
      const { place, journal } = visit;
      return place !== undefined && (await journal.entries(place.id)).length > 0;
    },
    close: () => closeVisit(visit),
  };
}

export function stepsOf(visit: Visit): readonly Step[] {
  return [
    machineStep(visit),
    hostStep(visit),
    trustStep(visit),
    loginStep(visit),
    keyStep(visit),
    backendsStep(visit),
    agentStep(visit),
    proofStep(visit),
  ];
}

export function createVisit(given: SetupDeps): Visit {
  const deps = { ...given, ssh: { ...given.ssh, lately: new Lately() } };
  let profiles: Promise<readonly Profile[]> | undefined;
  const visit: Visit = {
    deps,
    journal: new Journal(join(deps.paths.stateDir, 'setup.jsonl')),
    here: filesHere(deps.ssh.home ?? deps.env.HOME ?? '/'),
    profiles: () => {
      profiles ??= profilesOf(deps);
      return profiles;
    },
    pool: createPool({ ...deps.ssh, ...(deps.secrets ? { secrets: deps.secrets } : {}) }),
    prompter: deps.prompter && {
      ask: async (request, signal) => {
        const answers = await deps.prompter?.ask(request, signal);
        if (isOwnPassword(request)) visit.password = answers?.[0];
        return answers;
      },
    },
    place: undefined,
    connection: undefined,
    keyWorks: false,
    passwordKept: false,
    takes: undefined,
    password: undefined,
    far: undefined,
  };
  return visit;
}

export async function closeVisit(visit: Visit): Promise<void> {
  visit.password = undefined;
  visit.connection?.close();
  await visit.pool.close();
}

/** Of the host itself, not of a jump host on the way. */
function isOwnPassword({ kind, on }: Parameters<Prompter['ask']>[0]): boolean {
  return (kind === 'password' || kind === 'new-password') && on === undefined;
}

async function profilesOf({ installation, paths }: SetupDeps): Promise<readonly Profile[]> {
  const loaded = await loadProfiles({
    packaged: join(installation, 'profiles'),
    prepared: join(installation, 'dist', 'profiles.json'),
    user: join(paths.configDir, 'profiles'),
  });
  const usable = loaded.flatMap(({ profile }) => (profile ? [profile] : []));
  if (usable.length === 0) throw new HotdeskError('internal', 'There is no profile that can be used.');
  return byPreference(usable, []);
}
