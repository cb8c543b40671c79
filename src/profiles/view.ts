/** The viewer command of a session, from its profile. Pure but for the question which programs are there. */
import { join } from 'node:path';
import { HotdeskError } from '../kernel/errors.ts';
import { sanitiseName } from '../kernel/text.ts';
import type { Secrets } from '../model/machine.ts';
import type { Profile, ViewerSpec } from '../model/profile.ts';
import type { ViewerCommand, ViewRequest } from './backend.ts';
import { viewValues } from './bind.ts';
import { livesByViewer } from './not-kept.ts';
import { checkOptions, type OptionValues, optionArgs } from './options.ts';
import { holds, holesOf, renderArgs, renderText, type Values } from './render.ts';

export interface ViewerAsk {
  readonly view: ViewRequest;
  readonly session: { readonly localId: string; readonly name: string };
  /** Full reference, for a terminal emulator's `hotdesk attach`. */
  readonly ref: string;
  readonly seat: 'x11' | 'wayland';
  /** The private local socket that leads to the session; undefined for a terminal session. */
  readonly path?: string | undefined;
  /** In its place, where the viewer needs one: a port of the loopback. */
  readonly port?: number | undefined;
  /**
   * For a viewer that runs the session's command itself: that command, and the arguments by which ssh
   * reaches the host; none where it is this machine.
   */
  readonly ssh?: { readonly to: readonly string[]; readonly argv: readonly string[] } | undefined;
  /** Only a viewer that takes this private file will do. */
  readonly takes?: string | undefined;
  /** What lets the viewer in, for its private files. */
  readonly secrets?: Secrets | undefined;
  /** Private folder of this machine for those files. */
  readonly folder: string;
  /** argv of the hotdesk command itself, for a terminal emulator. */
  readonly hotdesk: readonly string[];
  /** Programs that the user wants before others. */
  readonly prefer?: readonly string[] | undefined;
}

/**
 * Programs that can show the profile's sessions on such a seat, by the user's preference and then the
 * profile's: which of them is there is for the caller.
 */
export function viewersFor(
  profile: Profile,
  seat: 'x11' | 'wayland',
  prefer: readonly string[] = [],
): readonly ViewerSpec[] {
  const place = ({ program }: ViewerSpec) =>
    prefer.includes(program) ? prefer.indexOf(program) : prefer.length;
  const able = (profile.view ?? []).filter((spec) => spec.seats.includes(seat));
  return [...able].sort((a, b) => place(a) - place(b));
}

/**
 * The command of the first viewer that is there.
 * @param isThere whether a program is installed, and its file holds a text (viewer/locate)
 * @throws HotdeskError `viewer-missing`, `bad-option`, `not-supported`
 */
export async function viewerCommand(
  profile: Profile,
  ask: ViewerAsk,
  isThere: (program: string, holds?: string) => Promise<boolean>,
): Promise<ViewerCommand> {
  const able = { take: 'attach', share: 'share', readonly: 'readonly' } as const;
  const isStart = livesByViewer(profile) && (ask.ssh ?? ask.takes) !== undefined && ask.view.mode === 'take';
  if (!isStart && !profile.can.includes(able[ask.view.mode])) {
    throw new HotdeskError('not-supported', `${profile.name} sessions cannot be opened to ${ask.view.mode}.`);
  }
  const options = checkOptions(profile, ask.view.options);
  const { takes } = ask;
  const specs = viewersFor(profile, ask.seat, ask.prefer).filter(
    (spec) =>
      (takes === undefined || Object.hasOwn(spec.files ?? {}, takes)) &&
      canDo(profile, spec, ask.view.mode, options),
  );
  for (const spec of specs) {
    if (await isThere(spec.program, spec.holds)) return renderViewer(profile, spec, ask, options);
  }
  throw new HotdeskError(
    'viewer-missing',
    `This machine has no viewer for ${profile.name} sessions: ${[...new Set(specs.map((spec) => spec.program))].join(', ') || 'none is known for this kind of seat'}.`,
    // Which command that is depends on the system: doctor looks.
    { hint: 'Run `hotdesk doctor` for the command that installs it.' },
  );
}

function canDo(
  profile: Profile,
  { modes, without = [] }: ViewerSpec,
  mode: ViewRequest['mode'],
  options: OptionValues,
): boolean {
  if (modes && !modes.includes(mode)) return false;
  return without.every((name) => options[name] === profile.options[name]?.default);
}

function renderViewer(
  profile: Profile,
  spec: ViewerSpec,
  ask: ViewerAsk,
  options: OptionValues,
): ViewerCommand {
  const values: Values = {
    ...options,
    ...viewValues(ask.view),
    localId: ask.session.localId,
    name: sanitiseName(ask.session.name, ask.session.localId),
    path: ask.path,
    port: ask.port,
    folder: folderOf(ask),
    sshTo: ask.ssh?.to,
    there: ask.ssh?.argv,
    attach: attachCommand(ask),
    options: optionArgs(profile, 'view', options),
  };
  const env = Object.entries(spec.env ?? {}).map(([name, text]) => [name, renderText(text, values)]);
  const files = filesOf(spec, ask, { ...values, ...ask.secrets });
  const paths = files.map(({ name, path }) => [`file.${name}`, path]);
  return {
    name: spec.program,
    argv: renderArgs(spec.argv, { ...values, ...Object.fromEntries(paths) }),
    env: Object.fromEntries(env),
    files: files.map(({ name: _name, ...file }) => file),
    ...(wantsFolder(spec) ? { folder: folderOf(ask) } : {}),
    ready: pattern(spec.ready),
    connects: pattern(spec.connects),
    refused: pattern(spec.refused),
    fails: pattern(spec.fails),
    leaves: spec.leaves,
    timeoutMs: spec.timeout * 1000,
  };
}

function pattern(text: string | undefined): RegExp | undefined {
  return text === undefined ? undefined : new RegExp(text, 'u');
}

/** For what a viewer writes besides. */
function folderOf({ folder, view }: ViewerAsk): string {
  return join(folder, `${view.viewer.viewerId.replace(/[^\w-]/gu, '')}.d`);
}

function wantsFolder(spec: ViewerSpec): boolean {
  const files = Object.values(spec.files ?? {}).map((file) => ('text' in file ? file.text : file.base64));
  const args = spec.argv.flatMap((arg) => (typeof arg === 'string' ? [arg] : arg.args));
  const templates = [...args, ...files, ...Object.values(spec.env ?? {})];
  return templates.flatMap(holesOf).some(({ name }) => name === 'folder');
}

function filesOf(spec: ViewerSpec, ask: ViewerAsk, values: Values) {
  return Object.entries(spec.files ?? {}).flatMap(([name, file]) => {
    if (file.when !== undefined && !holds(file.when, values)) return [];
    const data =
      'text' in file
        ? Buffer.from(renderText(file.text, values))
        : Buffer.from(renderText(file.base64, values), 'base64');
    const path = join(ask.folder, `${ask.view.viewer.viewerId.replace(/[^\w-]/gu, '')}.${name}`);
    return data.length > 0 ? [{ name, path, data, untilShown: file.until === 'shown' }] : [];
  });
}

/** What a terminal emulator runs: the hotdesk command that opens the session on its own terminal. */
function attachCommand({ hotdesk, ref, view }: ViewerAsk): string[] {
  const mode = { take: [], share: ['--share'], readonly: ['--read-only'] }[view.mode];
  return [...hotdesk, 'attach', ref, '--viewer-id', view.viewer.viewerId, ...mode];
}
