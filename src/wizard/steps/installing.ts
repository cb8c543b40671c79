/** Steps that install what profiles need: the same questions and changes here and there. */
import { HotdeskError } from '../../kernel/errors.ts';
import type { Profile } from '../../model/profile.ts';
import type { Detected } from '../../profiles/backend.ts';
import { livesByViewer } from '../../profiles/not-kept.ts';
import type { Manager } from '../far/far.ts';
import { type Installation, installationOf } from '../far/packages.ts';
import { command, fact, text, warning } from '../lines.ts';
import type { Answers, Line, Question, StepId } from '../wizard.ts';

export interface System {
  readonly os: readonly string[];
  readonly managers: readonly Manager[];
}

/** One side of one backend that is not there. */
export interface Missing {
  readonly id: string;
  readonly name: string;
  readonly title: string;
  /** Undefined: the profile names no command for this system. */
  readonly how: Installation | undefined;
  readonly why: string;
}

/** What was found of the backends on one side. */
export interface Found {
  readonly facts: readonly Line[];
  readonly missing: readonly Missing[];
  /** Of these, what is worth asking about. */
  readonly offered: readonly Missing[];
}

/** The kinds of sessions that everybody wants: with one backend of each, no further one is offered. */
const WANTED = ['app', 'terminal'] as const;

/**
 * What is there on one side, and what is worth installing: for each kind of session without a backend
 * the one that is preferred. Pure.
 * @param profiles by preference
 * @param what the side, for people: `To show sessions here`
 */
export function survey(
  step: StepId,
  side: 'host' | 'viewer',
  profiles: readonly Profile[],
  probe: ReadonlyMap<string, Detected>,
  system: System,
  what: string,
): Found {
  const ours = profiles.filter((profile) => profile.detect[side] && probe.has(profile.name));
  const isThere = ({ name }: Profile) => probe.get(name)?.present === true;
  const missing = new Map<Profile, Missing>();
  for (const profile of ours) {
    if (!isThere(profile)) missing.set(profile, missingSide(step, side, profile, probe, system));
  }
  const offered = WANTED.flatMap((kind) => {
    // What may not run although it is there, or keeps nothing, is no answer.
    const able = ours.filter(
      (profile) => profile.kinds.includes(kind) && !profile.detect.host.trial && !livesByViewer(profile),
    );
    if (able.some(isThere)) return [];
    const choices = able.flatMap((profile) => missing.get(profile) ?? []);
    return choices.find(({ how }) => how !== undefined) ?? choices[0] ?? [];
  });
  const others = [...missing.values()].filter((each) => !offered.includes(each));
  return {
    facts: [...present(side, ours.filter(isThere), probe, what), ...notThere(others)],
    missing: [...missing.values()],
    offered: [...new Set(offered)],
  };
}

function missingSide(
  step: StepId,
  side: 'host' | 'viewer',
  { name, title, detect }: Profile,
  probe: ReadonlyMap<string, Detected>,
  system: System,
): Missing {
  const { message, hint } = probe.get(name)?.missing ?? { message: '', hint: '' };
  return {
    id: `${step}.${side === 'viewer' ? 'view-' : ''}${name}`,
    name,
    title: side === 'viewer' ? `what shows ${title}` : title,
    how: installationOf(detect[side]?.install ?? {}, system.os, system.managers),
    why: `${message} ${hint}`.trim(),
  };
}

function present(
  side: 'host' | 'viewer',
  there: readonly Profile[],
  probe: ReadonlyMap<string, Detected>,
  what: string,
): Line[] {
  const named = (some: readonly Profile[]) =>
    some.map(({ name }) => [name, probe.get(name)?.version].filter(Boolean).join(' ')).join(', ');
  if (side === 'viewer')
    return [there.length > 0 ? fact(`${what}: ${named(there)}`) : warning(`${what}: nothing yet`)];
  // A console comes from elsewhere: no host starts one.
  const starting = there.filter(({ can }) => can.includes('start'));
  const [kept, passing] = [true, false].map((is) =>
    starting.filter((profile) => livesByViewer(profile) !== is),
  );
  const lines = kept?.length ? [fact(`${what}: ${named(kept)}`)] : [warning(`${what}: nothing yet`)];
  if (passing?.length) lines.push(text(`For as long as they are shown: ${named(passing)}`));
  return lines;
}

function notThere(others: readonly Missing[]): Line[] {
  if (others.length === 0) return [];
  return [text(`Not there, and needed by few: ${others.map(({ name }) => name).join(', ')}.`)];
}

/** The commands, and a question for each. @param byYes whether `--yes` installs it */
export function offer(
  missing: readonly Missing[],
  where: string,
  byYes: (missing: Missing) => boolean,
): { readonly lines: Line[]; readonly questions: Question[] } {
  const lines: Line[] = [];
  const questions: Question[] = [];
  for (const each of missing) {
    lines.push(text(each.why));
    if (!each.how) continue;
    lines.push(command(each.how.shown));
    questions.push({
      id: each.id,
      kind: 'confirm',
      text: `Install ${each.title} ${where}?`,
      default: false,
      byYes: byYes(each),
    });
  }
  return { lines, questions };
}

export function chosenOf(missing: readonly Missing[], answers: Answers): Missing[] {
  return missing.filter(({ id, how }) => how !== undefined && answers[id] === true);
}

/** @throws HotdeskError `backend-missing` when something that was installed is still not there */
export function requireGone(left: readonly Missing[], wanted: readonly Missing[]): void {
  const still = wanted.find(({ id }) => left.some((each) => each.id === id));
  if (still) {
    throw new HotdeskError('backend-missing', `${still.title} was installed, and is still not found.`, {
      hint: still.why,
    });
  }
}
