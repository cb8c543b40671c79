/** The server's own questions, answered by a person (RFC 4256): one-time codes, PAM, an expired password. */
import { HotdeskError } from '../../kernel/errors.ts';
import { sanitise } from '../../kernel/text.ts';
import type { ResolvedTarget } from '../target.ts';
import { type Asker, promptsOf } from './asker.ts';
import type { Answerer, AuthProvider } from './provider.ts';

type Tries = ReturnType<Asker['takeTry']>;

/** Rounds of one exchange. PAM with an expired password takes four. */
const ROUNDS = 20;

export function keyboardProvider(): AuthProvider {
  return {
    method: 'keyboard-interactive',
    async offers(target, asker) {
      if (!target.keyboardInteractive) {
        return { credentials: [], notes: ['KbdInteractiveAuthentication is off.'] };
      }
      if (!asker.mayTry) return { credentials: [], notes: [] };
      let asked = false;
      const credential = {
        kind: 'keyboard-interactive',
        label: 'its questions',
        get repeats() {
          return asked;
        },
        begin: () => {
          asked = false;
          return asker.mayTry ? exchange(target, asker, () => (asked = true)) : undefined;
        },
      } as const;
      return { credentials: [credential], notes: [] };
    },
  };
}

function exchange(target: ResolvedTarget, asker: Asker, onQuestion: () => void): Answerer {
  let tries: Tries | undefined;
  let rounds = 0;
  return async (round) => {
    rounds += 1;
    onQuestion();
    tries ??= asker.takeTry();
    const questions = promptsOf(round);
    if (rounds > ROUNDS || !questions) {
      throw new HotdeskError('auth-failed', `${target.name} asks too many questions.`);
    }
    const answers = await asker.ask({
      kind: 'keyboard-interactive',
      title: sanitise(round.name, 100) || `${target.name} asks ${target.user}`,
      ...questions,
      ...tries,
    });
    if (answers) return answers;
    throw new HotdeskError('auth-failed', `Nobody answered the questions of ${target.name}.`, {
      hint: `Set it up on a terminal: hotdesk setup ${target.name}`,
    });
  };
}
