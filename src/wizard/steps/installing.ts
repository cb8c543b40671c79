/** Steps that install what profiles need: the same questions and changes here and there. */
import { HotdeskError } from '../../kernel/errors.ts';
import type { Profile } from '../../model/profile.ts';
import type { Detected } from '../../profiles/backend.ts';
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
  readonly title: string;
  /** Undefined: the profile names no command for this system. */
  readonly how: Installation | undefined;
  readonly why: string;
}

/** What is missing on one side, by the probe. */
export function missingOf(
  step: StepId,
  side: 'host' | 'viewer',
  profiles: readonly Profile[],
  probe: ReadonlyMap<string, Detected>,
  system: System,
): Missing[] {
  return profiles.flatMap((profile) => {
    const found = probe.get(profile.name);
    const needs = profile.detect[side];
    if (!needs || !found || found.present) return [];
    return [
      {
        id: `${step}.${side === 'viewer' ? 'view-' : ''}${profile.name}`,
        title: side === 'viewer' ? `what shows ${profile.title}` : profile.title,
        how: installationOf(needs.install, system.os, system.managers),
        why: `${found.missing?.message ?? ''} ${found.missing?.hint ?? ''}`.trim(),
      },
    ];
  });
}

/** What is there, with versions. */
export function factsOf(
  profiles: readonly Profile[],
  probe: ReadonlyMap<string, Detected>,
  what: string,
): Line[] {
  const there = profiles.flatMap(({ name }) => {
    const found = probe.get(name);
    return found?.present ? [`${name}${found.version ? ` ${found.version}` : ''}`] : [];
  });
  return there.length > 0 ? [fact(`${what}: ${there.join(', ')}`)] : [warning(`${what}: nothing yet`)];
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
