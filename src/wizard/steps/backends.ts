/** Step `backends`: what keeps sessions running there. */

import { HotdeskError } from '../../kernel/errors.ts';
import type { Profile } from '../../model/profile.ts';
import { probeBackends } from '../../profiles/probe.ts';
import { changesOf, type Visit } from '../deps.ts';
import { asRootThere, must } from '../far/root.ts';
import { text, warning } from '../lines.ts';
import { undoStep } from '../undo-step.ts';
import type { Line, Step } from '../wizard.ts';
import { chosenOf, factsOf, type Missing, missingOf, offer, requireGone } from './installing.ts';
import { farOf, needs, placeOf } from './needs.ts';

export function backendsStep(visit: Visit): Step {
  let missing: readonly Missing[] = [];
  let wanted: readonly Missing[] = [];
  let hasAny = false;
  const probe = async (signal: AbortSignal): Promise<Line[]> => {
    const far = await farOf(visit, signal);
    const profiles: readonly Profile[] = await visit.profiles();
    const found = await probeBackends(profiles, far.connection, 'host', signal);
    hasAny = profiles.some(({ name }) => found.get(name)?.present);
    missing = missingOf('backends', 'host', profiles, found, far.facts ?? { os: [], managers: [] });
    return factsOf(profiles, found, `To keep sessions running on ${far.connection.name}`);
  };
  return {
    id: 'backends',
    title: 'The host’s backends',
    async look(signal) {
      if (!visit.connection) return needs('login');
      const { facts, connection } = await farOf(visit, signal);
      if (!facts) return { state: 'blocked', facts: [], why: onlyFiles(connection.name) };
      const lines = await probe(signal);
      const canInstall = missing.some(({ how }) => how !== undefined);
      if (canInstall) return { state: 'todo', facts: lines };
      const told = missing.map(({ why }) => text(why));
      return { state: 'done', facts: [...lines, ...told] };
    },
    async explain() {
      const { connection } = await farOf(visit);
      const { lines, questions } = offer(missing, `on ${connection.name}`, () => !hasAny);
      return {
        lines: [...(hasAny ? [] : [warning('Without one of these no session can run there.')]), ...lines],
        questions,
      };
    },
    async do(answers, report, signal) {
      const far = await farOf(visit, signal);
      wanted = chosenOf(missing, answers);
      for (const { how, title } of wanted) {
        if (!how) continue;
        report(`installing ${title} on ${far.connection.name}`);
        const install = () =>
          how.asRoot
            ? asRootThere(visit, far, how.argv, report, signal)
            : must(far.connection, how.argv, report, signal);
        const change = { kind: 'packages', where: 'there', remove: how.remove } as const;
        await changesOf(visit, placeOf(visit), 'backends').make(change, install, async () => {});
      }
      return wanted.length > 0 ? 'done' : 'declined';
    },
    async verify(_report, signal) {
      const facts = await probe(signal);
      requireGone(missing, wanted);
      return facts;
    },
    undo: (report, signal) => undoStep(visit, 'backends', report, signal),
  };
}

/** A login that runs no commands can hold files, and no sessions. */
export function onlyFiles(name: string): HotdeskError {
  return new HotdeskError(
    'not-supported',
    `${name} runs no commands for this login, so no session can run there.`,
    {
      hint: 'Its login shell may be nologin, or sshd may force another command (ForceCommand).',
    },
  );
}
