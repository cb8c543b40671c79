/** A step of a wizard that does what the test says. */
import type { Step } from '../../../src/wizard/wizard.ts';

export function stepOf(id: Step['id'], part: Partial<Step> = {}): Step {
  return {
    id,
    title: `The ${id}`,
    look: async () => ({ state: 'todo', facts: [] }),
    explain: async () => ({ lines: [], questions: [] }),
    do: async () => 'done',
    verify: async () => [{ kind: 'fact', text: `${id} is so.` }],
    undo: async () => [],
    ...part,
  };
}
