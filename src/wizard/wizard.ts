/**
 * The first run, without a user interface: an ordered list of steps that any view can drive.
 *
 * A view does this:
 *
 * 1. It makes the steps with `createSetup` (setup.ts), handing in what only a view has: where prompts
 *    of SSH go (passwords, one-time codes), its terminal if it has one, and the agent's calls.
 * 2. It calls `runSteps(steps, view, options)` (run.ts), which goes through them in order. For each the
 *    runner calls `step.look()`; what is done already is told (`already`) and passed over, what
 *    cannot be done is told (`blocked`) and passed over; else `step.explain()` says what would happen
 *    and asks. The runner hands that to `view.ask(step, explanation)`:
 *    - an interactive view shows the lines, asks the questions whose `when` holds, and returns the
 *      answers; or `'skip'` to leave the step out, or `'stop'` to end the run there;
 *    - a scripted view returns `answersFor(explanation, given, yes)` (answers.ts), which asks nobody
 *      and throws `confirmation-needed` for what neither was given nor may be agreed to by `--yes`.
 *    Then `step.do(answers, …)` and `step.verify()`. A step whose `do` says `declined` changed nothing.
 *    What fails or is blocked goes to `view.failed`: try again, leave it out, or stop.
 * 3. It shows what `view.event` tells. While a step looks or works there is a `progress` event at
 *    least each second, so a view needs no timer of its own to show that something goes on (and hides
 *    them while its own prompt or a lent terminal is on the screen).
 *
 * Nothing is remembered but the journal (journal.ts): an interrupted run is resumed by running
 * again, since each step looks at what is really there. `undoSetup` (undo.ts) goes backwards through the journal.
 */
import type { HotdeskError } from '../kernel/errors.ts';
import type { Host } from '../model/host.ts';
import type { PtyStream } from '../model/machine.ts';

/**
 * In the order in which they run. `machine`: what is installed here. `host`: which one. `trust`: its host
 * key. `login`: by whatever it takes. `key`: one of ours there, proved. `backends`: what is installed
 * there. `agent`: hotdesk itself there. `proof`: a session started, shown, left and stopped.
 */
export const STEP_IDS = ['machine', 'host', 'trust', 'login', 'key', 'backends', 'agent', 'proof'] as const;
export type StepId = (typeof STEP_IDS)[number];

/** A line for people, safe to show as it is (remote text in it has been sanitised). */
export interface Line {
  /**
   * `text` a sentence. `fact` something found. `command` one that will be run or that the user can
   * run, to be shown unwrapped. `art` a row of a picture, monospaced: a plain view leaves it out.
   * `warning` must not be overlooked.
   */
  readonly kind: 'text' | 'fact' | 'command' | 'art' | 'warning';
  readonly text: string;
}

export interface Choice {
  readonly value: string;
  readonly label: string;
  readonly hint?: string | undefined;
}

/** What every question has. */
interface Asked {
  /** Unique in the wizard: `trust.key`. The name of the answer. */
  readonly id: string;
  /** One line. */
  readonly text: string;
  /** Asked only when this holds of the answers so far; default: always. */
  readonly when?: ((answers: Answers) => boolean) | undefined;
}

export type Question = Asked &
  (
    | {
        readonly kind: 'confirm';
        /** The safe answer: what Enter means. */
        readonly default: boolean;
        /** What `--yes` answers; undefined: nothing, it must be decided by a person or given by name. */
        readonly byYes?: boolean | undefined;
      }
    | {
        readonly kind: 'select';
        /** At least one. */
        readonly choices: readonly Choice[];
        readonly default: string;
        readonly byYes?: string | undefined;
        /** Calls back with all choices each time they change (hosts as they appear); the answer ends it. */
        readonly live?: ((onChange: (choices: readonly Choice[]) => void) => () => void) | undefined;
      }
    | {
        readonly kind: 'text';
        readonly default: string;
        readonly byYes?: string | undefined;
        /** What is wrong with an answer, as a sentence. */
        readonly check?: ((value: string) => string | undefined) | undefined;
      }
    | {
        /** Not echoed; never kept, journalled or logged. Empty: none. */
        readonly kind: 'password';
        /** Ask twice and compare. */
        readonly repeat: boolean;
        readonly byYes?: string | undefined;
      }
  );

/** By the ids of the questions. */
export type Answers = Readonly<Record<string, string | boolean | undefined>>;

/** What a step found before anything was asked. */
export type Look =
  | { readonly state: 'done' | 'todo'; readonly facts: readonly Line[] }
  /**
   * It cannot be done; the rest of the run may still make sense. `needs`: only because that earlier
   * step was left out, so there is nothing to ask about.
   */
  | {
      readonly state: 'blocked';
      readonly facts: readonly Line[];
      readonly why: HotdeskError;
      readonly needs?: StepId | undefined;
    };

export interface Explanation {
  /** What will be done, and everything that is to be known for the answers. */
  readonly lines: readonly Line[];
  /** In order. None: there is nothing to decide, and `do` follows at once. */
  readonly questions: readonly Question[];
}

/** `declined`: by the answers; nothing was changed. */
export type Done = 'done' | 'declined';

/** Tells what is going on, in a few words: `installing xpra`. */
export type Report = (text: string) => void;

export interface Step {
  readonly id: StepId;
  /** A few words: `Your key`. */
  readonly title: string;
  /** Looks at what is there; changes nothing, asks nobody (but a jump host on the way may want its password). */
  look(signal: AbortSignal): Promise<Look>;
  /** After a look that said `todo`. Changes nothing. */
  explain(signal: AbortSignal): Promise<Explanation>;
  /** Every change is in the journal before it is made. @throws HotdeskError with what to do about it */
  do(answers: Answers, report: Report, signal: AbortSignal): Promise<Done>;
  /** Checks that it worked, by other means than `do`. @returns what is so now @throws HotdeskError */
  verify(report: Report, signal: AbortSignal): Promise<readonly Line[]>;
  /** Takes back what this step's journal entries for the host say, the last first. @returns what was taken back */
  undo(report: Report, signal: AbortSignal): Promise<readonly Line[]>;
}

/** What happened to a step. */
export type Outcome =
  | { readonly how: 'done' | 'already'; readonly lines: readonly Line[] }
  /** By `--skip` or by the view. */
  | { readonly how: 'skipped' }
  | { readonly how: 'declined' }
  | { readonly how: 'failed'; readonly error: HotdeskError }
  /** `needs`: the earlier step that was left out. */
  | { readonly how: 'blocked'; readonly error: HotdeskError; readonly needs?: StepId | undefined };

export type WizardEvent =
  | {
      readonly event: 'step';
      readonly step: StepId;
      readonly title: string;
      readonly number: number;
      readonly of: number;
    }
  | { readonly event: 'looked'; readonly step: StepId; readonly look: Look }
  | { readonly event: 'doing'; readonly step: StepId }
  | { readonly event: 'progress'; readonly step: StepId; readonly text: string; readonly ms: number }
  | { readonly event: 'outcome'; readonly step: StepId; readonly outcome: Outcome; readonly ms: number };

/** What the runner needs of a view. */
export interface View {
  /**
   * Shows the explanation and gets the answers. Called for each step that has something to do, with
   * or without questions. May throw: the run then ends with that error.
   */
  ask(step: Step, explanation: Explanation, signal: AbortSignal): Promise<Answers | 'skip' | 'stop'>;
  /**
   * A step failed or is blocked. `again` looks, explains and asks anew (another host name, another
   * password); a scripted view throws the error.
   */
  failed(step: Step, error: HotdeskError, signal: AbortSignal): Promise<'again' | 'skip' | 'stop'>;
  event(event: WizardEvent): void;
}

/**
 * A view's terminal, lent for as long as a promise takes: sudo asks for its own password there. While it is lent
 * the view neither reads nor writes it.
 */
export interface Terminal {
  /** Runs a command of this machine on it. @returns its exit code, or undefined when a signal ended it */
  here(argv: readonly string[], signal: AbortSignal): Promise<number | undefined>;
  /**
   * Shows a terminal of another machine on it, its bytes both ways, until that ends.
   * @param open makes it in the size of this one
   */
  there(
    open: (options: { columns: number; rows: number; term: string }) => Promise<PtyStream>,
    signal: AbortSignal,
  ): Promise<number | undefined>;
}

/** What needs the running agent of this machine; the view makes it from src/client. */
export interface AgentCalls {
  /** All rows of the catalogue (subscribe), at once and after each change; the answer ends it. */
  watchHosts(onChange: (hosts: readonly Host[]) => void): () => void;
  /** Starts a session without showing it. @param host as the agent knows it, or what `keepHost` was told */
  start(
    request: {
      readonly host: string;
      readonly backend: string;
      readonly name: string;
      readonly command: readonly string[];
    },
    report: Report,
    signal: AbortSignal,
  ): Promise<{ readonly ref: string }>;
  /**
   * Resolves when it is to be seen: a window at the seat, or for a terminal session its screen (the
   * first bytes of `terminal.open`, which the view may draw). It stays open until `detach`.
   */
  attach(ref: string, report: Report, signal: AbortSignal): Promise<void>;
  detach(ref: string, signal: AbortSignal): Promise<void>;
  stop(ref: string, signal: AbortSignal): Promise<void>;
  /** Adds a typed-in host to the setting `hosts`, as `hotdesk hosts add` does. @returns false when it is there already */
  keepHost(name: string, target: string): Promise<boolean>;
  /** Takes it out again. */
  forgetHost(name: string): Promise<void>;
  /** Ends the agent's connection to it, which no longer would be let in. Best effort: nothing is lost if it stays. */
  leaveHost(name: string): Promise<void>;
}
