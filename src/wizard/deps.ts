/** What the steps are given, and what they tell one another in the course of a run. */
import type { Host } from '../model/host.ts';
import type { Profile } from '../model/profile.ts';
import type { Paths } from '../protocol/paths.ts';
import type { Prompter, SecretStore } from '../ssh/auth/auth.ts';
import type { Pool, ResolvedTarget, SshConnection, SshEnvironment, SshTarget } from '../ssh/ssh.ts';
import { Changes } from './changes/changes.ts';
import type { Far } from './far/far.ts';
import type { Files } from './files/files.ts';
import type { Journal } from './journal.ts';
import type { AgentCalls, StepId, Terminal } from './wizard.ts';

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
  readonly paths: Paths;
  readonly ssh: SshEnvironment;
  /** Folder of this hotdesk: what holds `bin`, `dist` and `profiles`. */
  readonly installation: string;
}

/** The host that a run is for. */
export interface Place {
  readonly target: SshTarget;
  readonly resolved: ResolvedTarget;
  /** For people and for the agent: as the user calls it. */
  readonly name: string;
  /** Its row in the catalogue, where a finder knows it. */
  readonly row: Host | undefined;
  /** Key in the journal: the login, as ssh's configuration resolves it. */
  readonly id: string;
}

/** One run: what the steps found out, for those after them. Nothing of it is kept. */
export interface Visit {
  readonly deps: SetupDeps;
  readonly journal: Journal;
  readonly here: Files;
  readonly profiles: () => Promise<readonly Profile[]>;
  readonly pool: Pool;
  /** Asks the user; undefined: there is nobody to ask. */
  readonly prompter: Prompter | undefined;
  place: Place | undefined;
  connection: SshConnection | undefined;
  /** Let in by a key alone, on a connection that asked nobody. */
  keyWorks: boolean;
  /** The keyring has the password. */
  passwordKept: boolean;
  /** Methods that the server takes (RFC 4252), as it said when it refused us; undefined: it never did. */
  takes: readonly string[] | undefined;
  /** What the user typed in as the password of this login, until the keyring has been asked about. */
  password: string | undefined;
  far: Far | undefined;
}

export function idOf(resolved: ResolvedTarget): string {
  return `${resolved.user}@${resolved.hostKey.primary}`;
}

/** The changes that a step makes for the host of this run. */
export function changesOf(visit: Visit, place: Place, step: StepId): Changes {
  return new Changes(visit.journal, place.id, step);
}
