import type { StepId } from '../../wizard/wizard.ts';
import type { Flags } from '../console.ts';

/** Options of `hotdesk setup`. */
export interface SetupFlags extends Flags {
  readonly hostKey?: string;
  readonly passwordStdin?: boolean;
  readonly yes?: boolean;
  readonly skip?: readonly StepId[];
  readonly plain?: boolean;
  readonly undo?: boolean;
}
