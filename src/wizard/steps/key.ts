/** Step `key`: one of the user's keys opens the host from now on, which a fresh login proves. */
import { hostname, userInfo } from 'node:os';
import { HotdeskError } from '../../kernel/errors.ts';
import { keysElsewhere, keysIgnored, type OwnKey, ownKeys } from '../../ssh/ssh.ts';
import { changesOf, type Visit } from '../deps.ts';
import { authorizedLine } from '../keys/authorized-keys.ts';
import { closeToOthers, installKey, isHomeOpen } from '../keys/install.ts';
import { keepPassword } from '../keys/keyring.ts';
import { createKey, freeKeyFile, loadIntoAgent } from '../keys/new-pair.ts';
import { fact, text, warning } from '../lines.ts';
import { undoStep } from '../undo-step.ts';
import type { Answers, Choice, Line, Question, Step } from '../wizard.ts';
import { farOf, needs, placeOf } from './needs.ts';

const NEW = 'new';
const NONE = 'none';

export function keyStep(visit: Visit): Step {
  let keys: readonly OwnKey[] = [];
  let told: readonly Line[] = [];
  let installed: OwnKey | undefined;
  const takesKeys = () =>
    visit.takes === undefined || visit.takes.length === 0 || visit.takes.includes('publickey');
  const canKeep = () => visit.deps.secrets !== undefined && visit.password !== undefined;
  return {
    id: 'key',
    title: 'Your key',
    async look(signal) {
      if (!visit.connection || !visit.place) return needs('login');
      if (visit.keyWorks) return { state: 'done', facts: [fact('A key of yours opens it already.')] };
      const { name, resolved } = visit.place;
      if (!takesKeys()) {
        const facts = [warning(`${name} takes no keys, only ${visit.takes?.join(', ')}.`)];
        if (canKeep()) return { state: 'todo', facts };
        const why = new HotdeskError(
          'not-supported',
          `${name} takes no keys, and there is no keyring to keep a password in.`,
          {
            hint: `hotdesk asks for it each time. Whoever runs ${name} can allow keys: PubkeyAuthentication yes`,
          },
        );
        return { state: 'blocked', facts, why };
      }
      keys = await ownKeys(resolved, signal);
      return { state: 'todo', facts: keys.map((key) => fact(labelOf(key))) };
    },
    async explain(signal) {
      const { name, resolved } = placeOf(visit);
      if (!takesKeys()) {
        return {
          lines: [
            text(
              `Without a key ${name} asks for its password at each login. Your keyring can keep it; whoever opens your keyring has it then.`,
            ),
          ],
          questions: [keepQuestion()],
        };
      }
      const files = (await farOf(visit, signal)).files;
      const isOpen = await isHomeOpen(files);
      return {
        lines: [
          text(
            `The public half of the key goes to ${files.home}/.ssh/authorized_keys on ${name}; the private half stays here. From then on no password is needed.`,
          ),
          ...(isOpen
            ? [
                warning(
                  `Others may write in your home folder on ${name}: its SSH server ignores keys there (StrictModes) until that ends.`,
                ),
              ]
            : []),
        ],
        questions: questionsFor(
          keys,
          await freeKeyFile(visit, resolved),
          resolved.agentSocket,
          isOpen,
          canKeep(),
        ),
      };
    },
    async do(answers, report, signal) {
      // Of a try before this one.
      installed = undefined;
      if (answers['key.keyring'] === true) {
        await keepPassword(visit, placeOf(visit));
        return 'done';
      }
      if (!takesKeys() || answers['key.which'] === NONE) return 'declined';
      const place = placeOf(visit);
      const changes = changesOf(visit, place, 'key');
      const { files } = await farOf(visit, signal);
      installed = await chosen(visit, keys, answers, report);
      report(`installing the key on ${place.name}`);
      if (answers['key.home'] === true) await closeToOthers(files, changes, files.home);
      const line = authorizedLine(installed.type, installed.blob, installed.comment);
      told = await installKey(files, changes, line, installed.blob);
      return 'done';
    },
    async verify(report, signal) {
      if (!installed) return [fact('The password is in your keyring.')];
      report('logging in by the key alone');
      try {
        await prove(visit, installed, signal);
      } catch (error) {
        const why = await reasonOf(visit, signal).catch(() => undefined);
        // A key that does not open it is of no use there. What cannot be taken back now stays in the journal.
        await undoStep(visit, 'key', report, signal).catch(() => {});
        throw why ?? error;
      }
      visit.keyWorks = true;
      visit.password = undefined;
      const proved = fact(`Proved by a fresh login with nothing but ${labelOf(installed)}.`);
      return [...told, proved, ...(await lostAmongOthers(visit, installed, signal))];
    },
    undo: (report, signal) => undoStep(visit, 'key', report, signal),
  };
}

function labelOf({ type, file, comment }: OwnKey): string {
  const where = file ?? 'only in the ssh-agent';
  return `${type} ${comment ? `${comment} ` : ''}(${where})`;
}

function questionsFor(
  keys: readonly OwnKey[],
  free: string | undefined,
  agentSocket: string | undefined,
  isOpen: boolean,
  canKeep: boolean,
): Question[] {
  const choices: Choice[] = [
    ...keys.map((key) => ({
      value: key.blob.toString('base64'),
      label: labelOf(key),
      hint: key.needsPassphrase ? 'asks for its passphrase' : key.inAgent ? 'in the ssh-agent' : undefined,
    })),
    ...(free === undefined ? [] : [{ value: NEW, label: `a new ed25519 key, ${free}` }]),
    { value: NONE, label: 'none: go on without' },
  ];
  const first = choices[0]?.value ?? NONE;
  const isNew = (answers: Answers) => answers['key.which'] === NEW;
  const isInstalled = (answers: Answers) => answers['key.which'] !== NONE;
  return [
    {
      id: 'key.which',
      kind: 'select',
      text: 'Which key?',
      choices,
      default: first,
      byYes: first === NONE ? undefined : first,
    },
    {
      id: 'key.passphrase',
      kind: 'password',
      text: 'A passphrase for the new key (empty: none)',
      repeat: true,
      byYes: '',
      when: isNew,
    },
    ...(agentSocket === undefined
      ? []
      : [
          {
            id: 'key.agent',
            kind: 'confirm',
            text: 'Hand it to the running ssh-agent, so that its passphrase is not asked for until you log out?',
            default: true,
            byYes: true,
            when: (answers: Answers) => isNew(answers) && answers['key.passphrase'] !== '',
          } as const,
        ]),
    ...(isOpen
      ? [
          {
            id: 'key.home',
            kind: 'confirm',
            text: 'Take from others the right to write in your home folder there (chmod go-w)?',
            default: false,
            byYes: true,
            when: isInstalled,
          } as const,
        ]
      : []),
    ...(canKeep ? [{ ...keepQuestion(), when: (answers: Answers) => answers['key.which'] === NONE }] : []),
  ];
}

function keepQuestion(): Question {
  return {
    id: 'key.keyring',
    kind: 'confirm',
    text: 'Keep the password in your keyring?',
    default: false,
    byYes: false,
  };
}

async function chosen(
  visit: Visit,
  keys: readonly OwnKey[],
  answers: Answers,
  report: (text: string) => void,
): Promise<OwnKey> {
  if (answers['key.which'] !== NEW) {
    const key = keys.find(({ blob }) => blob.toString('base64') === answers['key.which']);
    if (!key) throw new HotdeskError('bad-argument', 'No such key was offered.');
    return key;
  }
  const { resolved } = placeOf(visit);
  const file = await freeKeyFile(visit, resolved);
  if (file === undefined) throw new HotdeskError('bad-argument', 'There is no place for a new key.');
  report('making a key');
  const comment = `${userInfo().username}@${hostname()}`;
  const made = await createKey(visit, file, comment, String(answers['key.passphrase'] ?? ''));
  const inAgent = answers['key.agent'] === true && resolved.agentSocket !== undefined;
  if (inAgent && resolved.agentSocket) await loadIntoAgent(visit, resolved.agentSocket, made, comment);
  const needsPassphrase = !inAgent && Boolean(answers['key.passphrase']);
  return { blob: made.blob, type: 'ssh-ed25519', comment, file, inAgent, needsPassphrase };
}

/** A fresh connection by this key alone; nobody is asked but for the key's own passphrase. */
async function prove(visit: Visit, { file, blob }: OwnKey, signal: AbortSignal): Promise<void> {
  const asked = visit.prompter;
  const prompter = asked && {
    ask: async (request: Parameters<typeof asked.ask>[0], aborted: AbortSignal) =>
      request.kind === 'passphrase' ? asked.ask(request, aborted) : undefined,
  };
  const alone = file === undefined ? { agentKey: blob } : { identities: [file] };
  const { target } = placeOf(visit);
  const fresh = { methods: ['publickey'] as const, ...alone };
  const connection = await visit.pool.connect(target, { signal, prompter, fresh });
  connection.close();
}

/** Hosts close the connection after some keys: one of very many in the ssh-agent does not have its turn. */
async function lostAmongOthers(
  visit: Visit,
  { file, comment }: OwnKey,
  signal: AbortSignal,
): Promise<Line[]> {
  if (file !== undefined) return [];
  const { target, name } = placeOf(visit);
  try {
    const connection = await visit.pool.connect(target, { signal, fresh: { methods: ['publickey'] } });
    connection.close();
    return [];
  } catch (error) {
    if (!(error instanceof HotdeskError) || error.code !== 'auth-failed') return [];
    return [
      warning(
        `Your ssh-agent holds so many keys that ${name} closes the door before ${comment || 'this one'} has its turn. Write its line of \`ssh-add -L\` into a file, and name that for ${name} in ~/.ssh/config: IdentityFile FILE`,
      ),
    ];
  }
}

async function reasonOf(visit: Visit, signal: AbortSignal): Promise<HotdeskError | undefined> {
  const far = await farOf(visit, signal);
  if (!far.facts) return undefined;
  const { user } = placeOf(visit).resolved;
  return (
    (await keysIgnored(far.connection, user, signal)) ??
    (await keysElsewhere(far.connection, { user }, signal))
  );
}
