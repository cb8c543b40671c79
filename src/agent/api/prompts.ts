/** API methods by which a view answers for its person. */
import { HotdeskError } from '../../kernel/errors.ts';
import type { Prompts } from '../prompts.ts';
import type { Handlers } from './server.ts';

type PromptMethods = 'prompts.attend' | 'prompts.answer' | 'prompts.cancel';

export function promptHandlers(prompts: Prompts): Pick<Handlers, PromptMethods> {
  return {
    'prompts.attend': (_params, { connection }) => {
      if (connection.hello.role !== 'client') {
        throw new HotdeskError('not-supported', 'Only a view of this machine can be asked.');
      }
      prompts.attend(connection);
      return {};
    },
    'prompts.answer': ({ id, answers }, { connection }) => {
      prompts.answer(connection, id, answers);
      return {};
    },
    'prompts.cancel': ({ id }, { connection }) => {
      prompts.refuse(connection, id);
      return {};
    },
  };
}
