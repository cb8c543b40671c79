/** Whether a backend that is installed runs at all, where only a start of it tells. */
import { type HotdeskError, toHotdeskError } from '../kernel/errors.ts';
import type { Machine } from '../model/machine.ts';
import type { Profile } from '../model/profile.ts';
import type { Detected } from './backend.ts';
import { probeBackends } from './probe.ts';
import { runCommand } from './run.ts';

/** What came of it, by machine and by profile and version: tried once. */
const known = new WeakMap<Machine, Map<string, Promise<Detected>>>();

/**
 * As `probeBackends` for the host's side, and what can only be tried is tried. Not for lists, nor for what is
 * done while nobody waits: a trial takes seconds.
 */
export async function probeAndTry(
  profiles: readonly Profile[],
  machine: Machine,
  signal?: AbortSignal,
): Promise<Map<string, Detected>> {
  const found = await probeBackends(profiles, machine, 'host', signal);
  const tried = profiles.map(async (profile): Promise<[string, Detected]> => {
    return [profile.name, await tryOnce(profile, machine, found.get(profile.name) ?? { present: false })];
  });
  return new Map(await Promise.all(tried));
}

function tryOnce(profile: Profile, machine: Machine, found: Detected): Promise<Detected> {
  const { trial } = profile.detect.host;
  if (!trial || !found.present) return Promise.resolve(found);
  const ofMachine = known.get(machine) ?? new Map<string, Promise<Detected>>();
  known.set(machine, ofMachine);
  const key = `${profile.name} ${found.version ?? ''}`;
  const before = ofMachine.get(key);
  if (before) return before;
  // Without the caller's signal: others may wait for the same trial.
  const outcome = runCommand(machine, profile, trial, {}).then(
    () => found,
    (thrown: unknown): Detected => {
      const error = toHotdeskError(thrown);
      // What says nothing of the backend is not remembered.
      if (error.code !== 'backend-missing') ofMachine.delete(key);
      return { ...found, present: false, missing: missingFor(profile, machine, error) };
    },
  );
  ofMachine.set(key, outcome);
  return outcome;
}

function missingFor({ name }: Profile, machine: Machine, error: HotdeskError) {
  const message = /[.?!]$/u.test(error.message) ? error.message : `${error.message}.`;
  return {
    message: `${name} cannot be used on ${machine.name}: ${message}`,
    hint: 'Take another backend: `hotdesk profiles list` shows them.',
  };
}
