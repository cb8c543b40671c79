/** Step `backends`: what keeps sessions running there. */

import { HotdeskError } from '../../kernel/errors.ts';
import { probeBackends } from '../../profiles/probe.ts';
import { changesOf, type Visit } from '../deps.ts';
import { asRootThere, must } from '../far/root.ts';
import { text, warning } from '../lines.ts';
import { undoStep } from '../undo-step.ts';
import type { Line, Step } from '../wizard.ts';
import { chosenOf, type Found, type Missing, offer, requireGone, survey } from './installing.ts';
import { farOf, needs, placeOf } from './needs.ts';

export function backendsStep(visit: Visit): Step {
  let found: Found = { facts: [], missing: [], offered: [] };
  let wanted: readonly Missing[] = [];
  let hasAny = false;
  const probe = async (signal: AbortSignal): Promise<readonly Line[]> => {
    const { connection, facts } = await farOf(visit, signal);
    const profiles = await visit.profiles();
    const there = await probeBackends(profiles, connection, 'host', signal);
    hasAny = profiles.some(({ name, can }) => can.includes('start') && there.get(name)?.present);
    const system = facts ?? { os: [], managers: [] };
    const what = `To keep sessions running on ${connection.name}`;
    found = survey('backends', 'host', profiles, there, system, what);
    return found.facts;
  };
  return {
    id: 'backends',
    title: 'The host’s backends',
    async look(signal) {
      if (!visit.connection) return needs('login');
      const { facts, connection } = await farOf(visit, signal);
      if (!facts) return { state: 'blocked', facts: [], why: onlyFiles(connection.name) };
      const lines = await probe(signal);
      const canInstall = found.offered.some(({ how }) => how !== undefined);
      if (canInstall) return { state: 'todo', facts: lines };
      const told = found.offered.map(({ why }) => text(why));
      return { state: 'done', facts: [...lines, ...told] };
    },
    async explain() {
      const { connection } = await farOf(visit);
      const { lines, questions } = offer(found.offered, `on ${connection.name}`, () => !hasAny);
      return {
        lines: [...(hasAny ? [] : [warning('Without one of these no session can run there.')]), ...lines],
        questions,
      };
    },
    async do(answers, report, signal) {
      const far = await farOf(visit, signal);
      wanted = chosenOf(found.offered, answers);
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
      requireGone(found.missing, wanted);
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
