/** Step `proof`: a session there, shown here, left, shown again and stopped; timed. */

import { hostEnvironment, localMachine } from '../../platform/local-machine.ts';
import { byPreference } from '../../profiles/preference.ts';
import { probeBackends } from '../../profiles/probe.ts';
import type { Visit } from '../deps.ts';
import { fact, text } from '../lines.ts';
import { undoStep } from '../undo-step.ts';
import type { Line, Report, Step } from '../wizard.ts';
import { onlyFiles } from './backends.ts';
import { farOf, needs, placeOf } from './needs.ts';

const NAME = 'setup-proof';
/** Small X programs, one of which is on most systems; each opens a window and stays. */
const WINDOWS = ['xterm', 'xeyes', 'xclock', 'xlogo', 'xcalc'] as const;
const FIND = 'for p in "$@"; do command -v -- "$p" >/dev/null 2>&1 && { echo "$p"; exit 0; }; done; exit 0';

interface Plan {
  readonly backend: string;
  readonly command: readonly string[];
}

export function proofStep(visit: Visit): Step {
  let plan: Plan | undefined;
  let lines: Line[] = [];
  return {
    id: 'proof',
    title: 'Proof',
    async look(signal) {
      if (!visit.connection) return needs('login');
      if (!visit.keyWorks && !visit.passwordKept) return needs('key');
      const { facts, connection } = await farOf(visit, signal);
      if (!facts) return { state: 'blocked', facts: [], why: onlyFiles(connection.name) };
      plan = await planFor(visit, signal);
      return plan ? { state: 'todo', facts: [] } : needs('backends');
    },
    async explain() {
      const { name } = placeOf(visit);
      const what = plan?.command[0] ?? 'a shell';
      return {
        lines: [
          text(
            `A session of ${plan?.backend} with ${what} is started on ${name}, shown here, closed, shown again and stopped.`,
          ),
        ],
        questions: [{ id: 'proof.run', kind: 'confirm', text: 'Try it?', default: true, byYes: true }],
      };
    },
    async do(answers, report, signal) {
      if (answers['proof.run'] !== true || !plan) return 'declined';
      lines = await walk(visit, plan, report, signal);
      return 'done';
    },
    verify: async () => lines,
    undo: (report, signal) => undoStep(visit, 'proof', report, signal),
  };
}

/** What opens a window where there is a display here and a viewer for it; else a terminal. */
async function planFor(visit: Visit, signal: AbortSignal): Promise<Plan | undefined> {
  const { connection } = await farOf(visit, signal);
  const { env } = visit.deps;
  const profiles = await visit.profiles();
  const here = localMachine('this machine', hostEnvironment(env));
  const [host, viewer] = await Promise.all([
    probeBackends(profiles, connection, 'host', signal),
    probeBackends(profiles, here, 'viewer', signal),
  ]);
  const usable = byPreference(profiles, []).filter(
    ({ name, can, detect }) =>
      host.get(name)?.present && can.includes('start') && can.includes('attach') && !detect.host.trial,
  );
  const hasDisplay = Boolean(env.DISPLAY || env.WAYLAND_DISPLAY);
  const app = usable.find(
    ({ name, kinds, detect }) => kinds.includes('app') && detect.viewer && viewer.get(name)?.present,
  );
  if (hasDisplay && app) {
    const { stdout } = await connection.exec(['sh', '-c', FIND, 'sh', ...WINDOWS], { signal });
    const program = WINDOWS.find((each) => each === stdout.toString('utf8').trim());
    if (program) return { backend: app.name, command: [program] };
  }
  const terminal = usable.find(({ kinds }) => kinds.includes('terminal'));
  return terminal && { backend: terminal.name, command: [] };
}

async function walk(visit: Visit, plan: Plan, report: Report, signal: AbortSignal): Promise<Line[]> {
  const { agent } = visit.deps;
  const host = placeOf(visit).name;
  const lines: Line[] = [];
  const timed = async <T>(what: string, work: () => Promise<T>): Promise<T> => {
    report(what);
    const began = performance.now();
    const result = await work();
    lines.push(fact(`${what}: ${((performance.now() - began) / 1000).toFixed(2)} s`));
    return result;
  };
  const { ref } = await timed('starting a session', () =>
    agent.start({ host, name: NAME, ...plan }, report, signal),
  );
  try {
    await timed('showing it', () => agent.attach(ref, report, signal));
    await timed('leaving it', () => agent.detach(ref, signal));
    await timed('showing it again', () => agent.attach(ref, report, signal));
  } catch (error) {
    // Nothing is left of a proof that failed.
    await agent.stop(ref, new AbortController().signal).catch(() => {});
    throw error;
  }
  await timed('stopping it', () => agent.stop(ref, signal));
  return lines;
}
