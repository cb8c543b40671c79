/** Answers without a person: those that were given by name, and what `--yes` agrees to. Pure. */
import { HotdeskError } from '../kernel/errors.ts';
import { sanitise } from '../kernel/text.ts';
import type { Answers, Explanation, Question } from './wizard.ts';

/**
 * The answers to all questions of a step.
 * @param given by the questions' ids
 * @param yes whether what is safe to agree to beforehand is agreed to
 * @throws HotdeskError `confirmation-needed` for a question that has no answer, `bad-argument` for an
 * answer that is none
 */
export function answersFor(explanation: Explanation, given: Answers, yes: boolean): Answers {
  const answers: Record<string, string | boolean | undefined> = {};
  for (const question of explanation.questions) {
    if (question.when && !question.when(answers)) continue;
    const answer = given[question.id] ?? (yes ? question.byYes : undefined);
    if (answer === undefined) {
      throw new HotdeskError('confirmation-needed', `Nobody is here to answer: ${question.text}`, {
        hint:
          question.byYes === undefined || yes
            ? `Give the answer beforehand, or leave the step out: --skip ${question.id.split('.')[0]}`
            : 'Run it on a terminal, or agree to everything beforehand: --yes',
      });
    }
    const wrong = wrongAnswer(question, answer);
    if (wrong !== undefined) throw new HotdeskError('bad-argument', wrong);
    answers[question.id] = answer;
  }
  return answers;
}

/** What is wrong with an answer, as a sentence; undefined: nothing. */
export function wrongAnswer(question: Question, answer: string | boolean): string | undefined {
  const no = `“${sanitise(question.kind === 'password' ? '…' : String(answer), 80)}” is no answer to: ${question.text}`;
  switch (question.kind) {
    case 'confirm':
      return typeof answer === 'boolean' ? undefined : no;
    case 'select':
      return question.choices.some(({ value }) => value === answer) ? undefined : no;
    case 'text':
      return typeof answer === 'string' ? question.check?.(answer) : no;
    case 'password':
      return typeof answer === 'string' ? undefined : no;
  }
}
