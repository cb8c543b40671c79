/** API methods that show and check profiles. */
import { HotdeskError } from '../../kernel/errors.ts';
import type { Machine } from '../../model/machine.ts';
import type { Profile } from '../../model/profile.ts';
import type { Detected } from '../../profiles/backend.ts';
import { baseIn, type LoadedProfile, profileText } from '../../profiles/load.ts';
import { expected } from '../../profiles/options.ts';
import { probeBackends } from '../../profiles/probe.ts';
import { probeAndTry } from '../../profiles/trial.ts';
import type { ProfileOption, ProfileRow } from '../../protocol/api.ts';
import type { Backends } from '../backends.ts';
import type { Handlers } from './server.ts';

export function profileHandlers(
  backends: Backends,
  here: Machine,
): Pick<Handlers, 'profiles.list' | 'profiles.show' | 'profiles.check'> {
  const rows = async (loaded: readonly LoadedProfile[], signal: AbortSignal): Promise<ProfileRow[]> => {
    const usable = loaded.flatMap(({ profile }) => (profile ? [profile] : []));
    const [host, viewer] = await Promise.all([
      probeAndTry(usable, here, signal),
      probeBackends(usable, here, 'viewer', signal),
    ]);
    return loaded.map((each) => rowOf(each, host.get(each.name), viewer.get(each.name)));
  };
  return {
    // Read again: whoever lists them may just have put one there.
    'profiles.list': async (params, call) => {
      if (params.probe === false) {
        return { profiles: backends.all().map((each) => rowOf(each, undefined, undefined)) };
      }
      await backends.load();
      return { profiles: await rows(backends.all(), call.signal) };
    },
    'profiles.show': async (params, call) => {
      const found = backends.all().find((p) => p.name === params.name);
      if (!found) {
        throw new HotdeskError('unknown-profile', `There is no profile “${params.name}”.`, {
          candidates: backends.all().map((p) => p.name),
        });
      }
      const [profile] = await rows([found], call.signal);
      if (!profile) throw new HotdeskError('internal', 'A profile without its row.');
      // It may be a folder, or gone since.
      const text = await profileText(found.file).catch(() => '');
      return { profile, text, options: found.profile ? optionsOf(found.profile) : [] };
    },
    'profiles.check': async (params) => {
      const { parseProfile } = await import('../../profiles/check.ts');
      const profile = parseProfile(params.text, params.file, baseIn(backends.all()));
      return { profile: rowOf({ name: profile.name, file: params.file, profile }, undefined, undefined) };
    },
  };
}

function rowOf(
  loaded: Pick<LoadedProfile, 'name' | 'file' | 'profile' | 'problem'>,
  host: Detected | undefined,
  viewer: Detected | undefined,
): ProfileRow {
  const { name, file, profile, problem } = loaded;
  return {
    name,
    file,
    title: profile?.title ?? '',
    kinds: [...(profile?.kinds ?? [])],
    can: [...(profile?.can ?? [])],
    steals: profile?.steals ?? '',
    ...(host ? { host: said(host) } : {}),
    ...(viewer ? { viewer: said(viewer) } : {}),
    ...(problem
      ? {
          problem: {
            code: problem.code,
            message: problem.message,
            ...(problem.hint ? { hint: problem.hint } : {}),
          },
        }
      : {}),
  };
}

function said(found: Detected): string {
  return found.present ? (found.version ?? 'there') : (found.missing?.message ?? 'missing');
}

function optionsOf(profile: Profile): ProfileOption[] {
  return Object.entries(profile.options).map(([name, spec]) => ({
    name,
    type: spec.type,
    default: spec.default,
    doc: spec.doc,
    expects: expected(spec),
    ...(spec.choices ? { choices: spec.choices } : {}),
  }));
}
