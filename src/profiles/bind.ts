/** A profile and a machine make a backend: every verb is data, run there. */
import { HotdeskError } from '../kernel/errors.ts';
import type { Endpoint, Machine } from '../model/machine.ts';
import type { Ability, Profile } from '../model/profile.ts';
import type { Command } from '../model/profile-command.ts';
import type { Session } from '../model/session.ts';
import type { Backend, Thumbnail, ViewRequest } from './backend.ts';
import { listing } from './listing.ts';
import { livesByViewer, notKept } from './not-kept.ts';
import { checkOptions } from './options.ts';
import { type Fields, parseKeyValues } from './parse.ts';
import { renderArgs, renderText, type Values } from './render.ts';
import { runCommand } from './run.ts';
import { namesIn } from './scope.ts';
import { session } from './session-of.ts';
import { startSession } from './start.ts';
import { watcherTag } from './tag.ts';
import { readThumbnail } from './thumbnail.ts';
import { probeAndTry } from './trial.ts';

/** The backend that `profile` describes, on `machine`. Does nothing yet. */
export function bindBackend(profile: Profile, machine: Machine): Backend {
  const listed = listing(profile, machine);

  const need = (section: Command | undefined, verb: Ability): Command => {
    if (section) return section;
    if (verb === 'attach' && livesByViewer(profile)) throw notKept(profile);
    throw new HotdeskError('not-supported', `${profile.name} sessions have no “${verb}”.`, {
      hint: `They have: ${profile.can.join(', ')}.`,
    });
  };
  const run = async (
    section: Command | undefined,
    verb: Ability,
    values: Values & { readonly localId: string },
    signal?: AbortSignal,
    secrets?: Values,
  ) => {
    const command = need(section, verb);
    const row = asksListing(profile, command) ? await listed.row(values.localId, signal) : {};
    return runCommand(machine, profile, command, { ...row, ...values }, { signal, secrets });
  };

  /** What a session of hotdesk's own says without the listing; undefined where that is not known. */
  const own = async (values: Values, signal?: AbortSignal) => {
    const command = profile.connect?.own;
    if (!command) return undefined;
    try {
      return await runCommand(machine, profile, command, values, { signal });
    } catch (error) {
      if (signal?.aborted) throw error;
      return undefined;
    }
  };

  return {
    profile,
    machine,

    async detect(signal) {
      const found = await probeAndTry([profile], machine, signal);
      return found.get(profile.name) ?? { present: false };
    },

    async start(request, onStage, signal) {
      if (livesByViewer(profile) && !request.viewerComes) {
        throw new HotdeskError('not-supported', `${profile.name} keeps nothing that nobody looks at.`, {
          hint: 'Start it where there is a display, and not detached; or by another backend.',
        });
      }
      const placeOf = (place: Fields) => earlyEndpoint(profile, place, request.password);
      const started = await startSession(profile, machine, request, placeOf, onStage, signal);
      return session(profile.name, request.kind, [
        {
          localId: started.localId,
          name: started.place.name ?? started.name,
          ...(request.command[0] ? { command: request.command.join(' ').slice(0, 400) } : {}),
          startedAt: Math.floor(Date.now() / 1000),
        },
      ]);
    },

    list: (signal): Promise<Session[]> => listed.list(signal),
    info: (localId, signal) => listed.info(localId, signal),

    async endpoint(localId, view, signal) {
      const { connect } = profile;
      const values = { ...checkOptions(profile, view.options), ...viewValues(view), localId };
      const asked = { password: view.password };
      const { stdout } =
        (await own(values, signal)) ?? (await run(connect?.prepare, 'attach', values, signal, asked));
      if (!connect) throw new HotdeskError('internal', 'An endpoint without its section.');
      const said = parseKeyValues(stdout.toString('utf8'), connect.output);
      const endpoint = endpointOf(connect.endpoint, { ...values, ...said });
      return withSecrets(profile, endpoint, said, view.password);
    },

    ...(profile.connect?.admit
      ? {
          async admit(localId: string, view: ViewRequest, signal?: AbortSignal) {
            const values = { ...checkOptions(profile, view.options), ...viewValues(view), localId };
            await run(profile.connect?.admit, 'attach', values, signal, { password: view.password });
          },
        }
      : {}),

    async detach(localId, signal) {
      await run(profile.detach, 'detach', { localId }, signal);
    },

    async stop(localId, signal) {
      await run(profile.stop, 'stop', { localId }, signal);
    },

    async rename(localId, name, signal) {
      await run(profile.rename, 'rename', { localId, newName: name }, signal);
    },

    async thumbnail(localId, signal): Promise<Thumbnail> {
      const { stdout } = await run(profile.thumbnail?.command, 'thumbnail', { localId }, signal);
      return readThumbnail(profile.thumbnail?.kind ?? 'text', stdout);
    },

    async execInto(localId, command, signal) {
      if (!command[0]) throw new HotdeskError('bad-argument', 'A command was expected.');
      await run(profile['exec-into'], 'exec-into', { localId, command, application: command[0] }, signal);
    },

    async words(localId, signal) {
      const { words } = profile;
      if (!words) return undefined;
      const row = asksListing(profile, words.command) ? await listed.row(localId, signal) : {};
      const { stdout } = await runCommand(machine, profile, words.command, { ...row, localId }, { signal });
      return wordsIn(parseKeyValues(stdout.toString('utf8'), words.output).words ?? '');
    },

    async migrate(step, values, signal) {
      const command = need(profile.migrate?.[step], 'migrate');
      const row = step === 'describe' ? await listed.row(values.localId ?? '', signal) : {};
      const { stdout } = await runCommand(machine, profile, command, { ...row, ...values }, { signal });
      return profile.migrate ? parseKeyValues(stdout.toString('utf8'), profile.migrate.output) : {};
    },
  };
}

/** A list of words, each ended by a NUL, in base64; undefined for none. */
function wordsIn(text: string): readonly string[] | undefined {
  const words = Buffer.from(text, 'base64').toString('utf8').split('\0').slice(0, -1);
  return words.length > 0 ? words : undefined;
}

/** Does a command want to know what the listing says of its session? */
function asksListing(profile: Profile, command: Command): boolean {
  const fields = new Set(profile.list.output.fields);
  return namesIn(command).some((name) => fields.has(name) && name !== 'localId');
}

/** What a profile's templates may say of a viewer. */
export function viewValues(view: ViewRequest): Record<string, string> {
  const { viewerId, hostId, host } = view.viewer;
  return { mode: view.mode, viewerId, hostId, host, tag: watcherTag(view.viewer) };
}

/** A socket that will be there is known before anybody views; a terminal's command is not. */
function earlyEndpoint(profile: Profile, place: Fields, password?: string): Endpoint | undefined {
  const endpoint = profile.connect?.endpoint;
  if (!endpoint || endpoint.kind === 'pty') return undefined;
  // Some sessions of a backend are told only when they are connected to.
  const isTold = (text: string | undefined) => text !== undefined && renderText(text, place) !== '';
  if (endpoint.kind === 'unix' && !isTold(endpoint.path) && !isTold(endpoint.port)) return undefined;
  return withSecrets(profile, endpointOf(endpoint, place), place, password);
}

function withSecrets(
  { connect, asks }: Profile,
  endpoint: Endpoint,
  said: Fields,
  password?: string,
): Endpoint {
  const names = connect?.secrets ?? [];
  if (endpoint.kind === 'pty' || (names.length === 0 && !asks)) return endpoint;
  const secrets = Object.fromEntries(names.map((name) => [name, said[name] ?? '']));
  return { ...endpoint, secrets: { ...secrets, ...(asks && password !== undefined ? { password } : {}) } };
}

type EndpointSpec = NonNullable<Profile['connect']>['endpoint'];

function endpointOf(spec: EndpointSpec, values: Values): Endpoint {
  if (spec.kind === 'pty') return { kind: 'pty', argv: renderArgs(spec.argv, values), env: {} };
  if (spec.kind === 'ssh') return { kind: 'ssh', argv: renderArgs(spec.argv, values) };
  if (spec.kind === 'file') {
    throw new HotdeskError('not-supported', 'Only the file that it was opened with says where it is.');
  }
  const path = renderText(spec.path, values);
  if (path.startsWith('/') && !path.includes('\0')) return { kind: 'unix', path };
  const port = Number(path === '' && spec.port !== undefined ? renderText(spec.port, values) : Number.NaN);
  if (Number.isInteger(port) && port > 0 && port < 65_536) return { kind: 'tcp', host: '127.0.0.1', port };
  throw new HotdeskError('output-unparsable', 'The session did not say where its socket is.');
}
