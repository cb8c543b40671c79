/** What the steps are given, and what they tell one another in the course of a run. */
import type { Host } from '../model/host.ts';
import type { Paths } from '../protocol/paths.ts';
import type { Prompter, SecretStore } from '../ssh/auth/auth.ts';
import type { Pool, PresentedKey, SshConnection, SshEnvironment, SshTarget } from '../ssh/ssh.ts';
import type { Far } from './far/far.ts';
import type { Journal } from './journal.ts';
import type { AgentCalls, Terminal } from './wizard.ts';

/** What a view hands in. */
export interface SetupDeps {
  /** From the command line: what `ssh` takes. Undefined: the step `host` asks. */
  readonly host?: string | undefined;
  /** Who is asked for passwords, passphrases and codes; undefined: nobody. */
  readonly prompter?: Prompter | undefined;
  /** The user's keyring; undefined: there is none. */
  readonly secrets?: SecretStore | undefined;
  /** Undefined: there is none, and sudo runs only where it asks nothing (`sudo -n`). */
  readonly terminal?: Terminal | undefined;
  readonly agent: AgentCalls;
  /** Of the process. */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly uid: number;
  readonly paths: Paths;
  readonly ssh: SshEnvironment;
  /** Folder of this hotdesk: what holds `bin`, `dist` and `profiles`. */
  readonly installation: string;
}

/** One run: what the steps found out, for those after them. Nothing of it is kept. */
export interface Visit {
  readonly deps: SetupDeps;
  readonly journal: Journal;
  /** Asks a person. */
  readonly pool: Pool;
  target: SshTarget | undefined;
  /** Its row in the catalogue, where a finder knows it. */
  row: Host | undefined;
  /** Typed in by the user, and known to no finder. */
  isNew: boolean;
  /** Set once it is trusted. */
  presented: PresentedKey | undefined;
  connection: SshConnection | undefined;
  /** A key alone lets us in; undefined: not tried. */
  keyWorks: boolean | undefined;
  far: Far | undefined;
}
