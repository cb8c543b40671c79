/** One try to connect for all who want to at once. */
import { toHotdeskError } from '../kernel/errors.ts';
import type { Prompter } from '../ssh/ssh.ts';

export class Attempt<T> {
  readonly #make: (prompter: Prompter | undefined) => Promise<T>;
  #now: { readonly done: Promise<T>; readonly prompter: Prompter | undefined } | undefined;

  /** @param make tries once @param prompter who is asked for passwords; undefined: nobody */
  constructor(make: (prompter: Prompter | undefined) => Promise<T>) {
    this.#make = make;
  }

  get isUnderWay(): boolean {
    return this.#now !== undefined;
  }

  /**
   * @param standing what an earlier try has come to, if it still stands
   * @throws why it failed
   */
  async join(prompter: Prompter | undefined, standing: () => T | undefined): Promise<T> {
    for (;;) {
      const there = standing();
      if (there) return there;
      this.#now ??= {
        prompter,
        done: this.#make(prompter).finally(() => {
          this.#now = undefined;
        }),
      };
      const { done, prompter: asked } = this.#now;
      try {
        return await done;
      } catch (error) {
        // Tried without anybody to ask, or by somebody else: this caller may still be asked.
        if (prompter === undefined || asked === prompter || toHotdeskError(error).code !== 'auth-failed') {
          throw error;
        }
      }
    }
  }
}
