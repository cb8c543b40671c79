/** Step `agent`: hotdesk's own agent there. Without it all works over SSH, but nothing tells of changes. */
import { sleep } from '../../kernel/abort.ts';
import { HotdeskError } from '../../kernel/errors.ts';
import { compareVersions } from '../../profiles/version.ts';
import { HOTDESK_VERSION } from '../../protocol/version.ts';
import { changesOf, type Visit } from '../deps.ts';
import { type FarFacts, isUp, lookThere } from '../far/far.ts';
import { copyProgram, keepRunning, OLDEST_NODE, placesIn } from '../far/install.ts';
import { must } from '../far/root.ts';
import { command, fact, text, warning } from '../lines.ts';
import { undoStep } from '../undo-step.ts';
import type { Line, Look, Question, Step } from '../wizard.ts';
import { onlyFiles } from './backends.ts';
import { farOf, needs, placeOf } from './needs.ts';

const START_MS = 15_000;
const AGAIN_MS = 200;

export function agentStep(visit: Visit): Step {
  let told: readonly Line[] = [];
  return {
    id: 'agent',
    title: 'The host’s agent',
    async look(signal): Promise<Look> {
      if (!visit.connection) return needs('login');
      const { facts, connection } = await farOf(visit, signal);
      if (!facts) return { state: 'blocked', facts: [], why: onlyFiles(connection.name) };
      if (facts.socket && facts.returns)
        return { state: 'done', facts: [fact(runningText(connection.name, facts))] };
      const lacks = nodeProblem(connection.name, facts);
      return lacks ? { state: 'done', facts: lacks } : { state: 'todo', facts: [] };
    },
    async explain(signal) {
      const { facts, connection, files } = await farOf(visit, signal);
      const { program, launcher, unit, autostart } = placesIn(files.home);
      const service = facts?.systemd ? unit : autostart;
      return {
        lines: [
          text(
            `hotdesk’s agent on ${connection.name} tells this machine at once what changes there, and takes sessions that are sent to it. It listens on no network port.`,
          ),
          ...(facts?.socket ? [text('It runs already, and would not come back after a restart.')] : []),
          ...(mustCopy(facts, launcher) ? [fact(`Copied to ${program}, its program to ${launcher}`)] : []),
          fact(`Started by ${service}`),
          ...(facts?.systemd && !facts.lingers
            ? [
                text(
                  'systemd ends what a user started when the last login is over. Lingering keeps the agent and its sessions running then:',
                ),
                command('loginctl enable-linger'),
              ]
            : []),
        ],
        questions: questionsFor(connection.name, facts),
      };
    },
    async do(answers, report, signal) {
      if (answers['agent.install'] !== true) return 'declined';
      const far = await farOf(visit, signal);
      const { facts } = far;
      if (!facts) throw onlyFiles(far.connection.name);
      const work = { visit, far, facts, changes: changesOf(visit, placeOf(visit), 'agent'), report, signal };
      const { launcher } = placesIn(far.files.home);
      const isCopied = mustCopy(facts, launcher);
      if (isCopied) await copyProgram(work);
      const program = isCopied ? launcher : (facts.hotdesk?.path ?? launcher);
      // The one that was started by hand makes room; sessions do not end with it.
      if (facts.socket) await must(far.connection, [program, 'agent', 'stop'], report, signal);
      told = await keepRunning(work, program, answers['agent.linger'] === true);
      return 'done';
    },
    async verify(report, signal) {
      const { connection } = await farOf(visit, signal);
      report('waiting for the agent');
      const deadline = Date.now() + START_MS;
      while (!(await isUp(connection, signal))) {
        if (Date.now() > deadline) throw neverCame(connection.name);
        await sleep(AGAIN_MS, signal);
      }
      visit.far = await lookThere(connection, signal);
      const { facts } = visit.far;
      return [...(facts ? [fact(runningText(connection.name, facts))] : []), ...told];
    },
    undo: (report, signal) => undoStep(visit, 'agent', report, signal),
  };
}

function neverCame(name: string): HotdeskError {
  return new HotdeskError('agent-unavailable', `The agent on ${name} was started and does not answer.`, {
    hint: 'On that machine: hotdesk agent log',
  });
}

function runningText(name: string, { hotdesk }: FarFacts): string {
  return `hotdesk’s agent runs on ${name}${hotdesk ? ` (${hotdesk.version})` : ''}.`;
}

/** Not where the user has installed hotdesk some other way. */
function mustCopy(facts: FarFacts | undefined, launcher: string): boolean {
  const found = facts?.hotdesk;
  return !found || (found.path === launcher && compareVersions(found.version, HOTDESK_VERSION) < 0);
}

function nodeProblem(name: string, { node, hotdesk }: FarFacts): Line[] | undefined {
  if (hotdesk || (node && compareVersions(node.version, OLDEST_NODE) >= 0)) return undefined;
  const what = node
    ? `Node ${node.version} on ${name} is too old (${OLDEST_NODE} or newer is needed)`
    : `${name} has no Node`;
  return [
    warning(
      `${what}, so hotdesk’s agent cannot run there. The host is used without it, over SSH alone: everything works, changes there are just seen later.`,
    ),
    text(`With Node ${OLDEST_NODE} or newer there, run setup again.`),
  ];
}

function questionsFor(name: string, facts: FarFacts | undefined): Question[] {
  const install: Question = {
    id: 'agent.install',
    kind: 'confirm',
    text: `Put hotdesk’s agent on ${name}?`,
    default: true,
    byYes: true,
  };
  if (!facts?.systemd || facts.lingers) return [install];
  const linger: Question = {
    id: 'agent.linger',
    kind: 'confirm',
    text: 'Keep it running when nobody is logged in there (lingering)?',
    default: false,
    byYes: true,
    when: (answers) => answers['agent.install'] === true,
  };
  return [install, linger];
}
