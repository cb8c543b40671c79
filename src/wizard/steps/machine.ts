/** Step `machine`: what this machine has for hosting and for viewing. */
import type { Machine } from '../../model/machine.ts';
import { hostEnvironment, localMachine } from '../../platform/local-machine.ts';
import { probeBothSides } from '../../profiles/probe.ts';
import type { Visit } from '../deps.ts';
import { MANAGERS } from '../far/far.ts';
import { managersIn } from '../far/packages.ts';
import { asRootHere, must } from '../far/root.ts';
import { text } from '../lines.ts';
import type { Line, Step } from '../wizard.ts';
import { chosenOf, type Found, type Missing, offer, requireGone, type System, survey } from './installing.ts';

const SYSTEM = `
[ "$(uname -s)" = Darwin ] && echo os=macos
sed -n 's/^ID=/os=/p; s/^ID_LIKE=/os=/p' /etc/os-release 2>/dev/null | tr -d '"'
for m in ${MANAGERS.join(' ')}; do command -v "$m" >/dev/null 2>&1 && echo "manager=$m"; done
exit 0`;

/** Whatever is changed here is for no host in particular: nothing of it is in the journal of one. */
export function machineStep(visit: Visit): Step {
  const here = localMachine('this machine', hostEnvironment(visit.deps.env));
  let found: readonly Found[] = [];
  let wanted: readonly Missing[] = [];
  const offered = () => found.flatMap((each) => each.offered);
  const probe = async (signal: AbortSignal): Promise<Line[]> => {
    const profiles = await visit.profiles();
    const [{ host, viewer }, system] = await Promise.all([
      probeBothSides(profiles, here, signal),
      systemOf(here, signal),
    ]);
    found = [
      survey('machine', 'viewer', profiles, viewer, system, 'To show sessions here'),
      survey('machine', 'host', profiles, host, system, 'To keep sessions running here'),
    ];
    return found.flatMap((each) => each.facts);
  };
  return {
    id: 'machine',
    title: 'This machine',
    async look(signal) {
      const facts = await probe(signal);
      const canInstall = offered().some(({ how }) => how !== undefined);
      const told = canInstall ? [] : offered().map(({ why }) => text(why));
      return { state: canInstall ? 'todo' : 'done', facts: [...facts, ...told] };
    },
    // By --yes only what shows sessions: this machine need not run any.
    explain: async () => offer(offered(), 'here', ({ id }) => id.startsWith('machine.view-')),
    async do(answers, report, signal) {
      wanted = chosenOf(offered(), answers);
      for (const { how, title } of wanted) {
        if (!how) continue;
        report(`installing ${title}`);
        if (how.asRoot) await asRootHere(visit, here, how.argv, report, signal);
        else await must(here, how.argv, report, signal);
      }
      return wanted.length > 0 ? 'done' : 'declined';
    },
    async verify(_report, signal) {
      const facts = await probe(signal);
      requireGone(
        found.flatMap(({ missing }) => missing),
        wanted,
      );
      return facts;
    },
    undo: async () => [],
  };
}

async function systemOf(here: Machine, signal: AbortSignal): Promise<System> {
  const { stdout } = await here.exec(['sh', '-c', SYSTEM], { signal });
  const values = (key: string) =>
    [...stdout.toString('utf8').matchAll(new RegExp(`^${key}=(.*)$`, 'gmu'))].flatMap(([, value = '']) =>
      value.split(/\s+/u),
    );
  return { os: values('os').filter(Boolean), managers: managersIn(values('manager')) };
}
