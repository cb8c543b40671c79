/**
 * A profile bound to a machine: the verbs of one backend there. Everything above this interface is
 * the same for every backend; everything below it is data in a profile.
 */
import type { Endpoint, Machine } from '../model/machine.ts';
import type { MigrateStep, Profile } from '../model/profile.ts';
import type { Session, SessionKind } from '../model/session.ts';
import type { Fields } from './parse.ts';

export interface Detected {
  readonly present: boolean;
  readonly version?: string | undefined;
  /** Why it cannot be used, and the command that cures it. */
  readonly missing?: { readonly message: string; readonly hint: string } | undefined;
}

export interface StartRequest {
  /** Unique on the host by courtesy; any text. */
  readonly name: string;
  /** The application or terminal command; empty for a desktop or a shell. */
  readonly command: readonly string[];
  readonly kind: SessionKind;
  /** Profile options by name, already checked against their declarations. */
  readonly options: Readonly<Record<string, string | number | boolean>>;
  readonly cwd?: string | undefined;
  /** A viewer is opened as soon as the place is known: for backends whose sessions begin with their first viewer. */
  readonly viewerComes?: boolean | undefined;
  /** What the user was asked for, where the profile asks. */
  readonly password?: string | undefined;
}

/** What start tells while it works, so that a viewer can be got ready at the same time. */
export type StartStage =
  /**
   * The identifier is known and where the endpoint will be; nobody answers there yet. Told again,
   * with another, if somebody else took the place before the session had it.
   */
  | { readonly stage: 'placed'; readonly localId: string; readonly endpoint: Endpoint | undefined }
  /** The backend answers. */
  | { readonly stage: 'ready'; readonly localId: string };

export interface SessionDetails extends Session {
  /** More facts for `hotdesk info`, in order, already sanitised. */
  readonly facts: Readonly<Record<string, string>>;
}

export interface Backend {
  readonly profile: Profile;
  readonly machine: Machine;
  detect(signal?: AbortSignal): Promise<Detected>;
  /**
   * Starts a session and resolves when it is ready (for an application: its window is there, or it
   * is seen to run). On failure nothing of it is left on the machine.
   * @throws HotdeskError `backend-missing`, `application-missing`, `application-exited` (with the
   * application's own stderr), `start-failed`, `timeout`, `cancelled`
   */
  start(request: StartRequest, onStage: (stage: StartStage) => void, signal?: AbortSignal): Promise<Session>;
  /** Every session of this user and backend on the machine, those not started by hotdesk included. */
  list(signal?: AbortSignal): Promise<Session[]>;
  /** @throws HotdeskError `session-gone` */
  info(localId: string, signal?: AbortSignal): Promise<SessionDetails>;
  /** Where a viewer connects. @throws HotdeskError `session-gone` */
  endpoint(localId: string, view: ViewRequest, signal?: AbortSignal): Promise<Endpoint>;
  /**
   * Whether such a viewer is let in: while it starts, and before anything of it reaches the endpoint. Not
   * there where the endpoint alone says so. @throws HotdeskError `auth-failed`, …
   */
  admit?(localId: string, view: ViewRequest, signal?: AbortSignal): Promise<void>;
  /** Ends every viewer of the session; it goes on. */
  detach(localId: string, signal?: AbortSignal): Promise<void>;
  /** Ends the session; resolves when nothing of it is left. */
  stop(localId: string, signal?: AbortSignal): Promise<void>;
  /**
   * Gives the session another name; its identifier, and who looks at it, stay.
   * @param name one line, sanitised
   * @throws HotdeskError `session-gone`, `name-taken` where names are unique, `not-supported`
   */
  rename(localId: string, name: string, signal?: AbortSignal): Promise<void>;
  /** A picture (PNG) or, for a terminal, its screen as text with SGR sequences only. */
  thumbnail(localId: string, signal?: AbortSignal): Promise<Thumbnail>;
  /** Runs a further command inside the session. */
  execInto(localId: string, command: readonly string[], signal?: AbortSignal): Promise<void>;
  /** The words by which the session was started; undefined where the backend does not know. */
  words(localId: string, signal?: AbortSignal): Promise<readonly string[] | undefined>;
  /**
   * One step of a migration on this machine, and what it put out. `describe` wants the session's
   * `localId` among the values. @throws HotdeskError `not-supported` with the reason why it cannot go
   */
  migrate(step: MigrateStep, values: Fields, signal?: AbortSignal): Promise<Fields>;
}

export type Thumbnail =
  | { readonly kind: 'png'; readonly data: Buffer }
  | { readonly kind: 'text'; readonly text: string };

/** How a viewer wants to look at a session. */
export interface ViewRequest {
  readonly mode: 'take' | 'share' | 'readonly';
  readonly options: Readonly<Record<string, string | number | boolean>>;
  /** Said to the backend where it can carry it (environment of a terminal client), so that its listing tells who watches. */
  readonly viewer: { readonly viewerId: string; readonly hostId: string; readonly host: string };
  /** What the user was asked for, where the profile asks. */
  readonly password?: string | undefined;
}

export interface ViewerFile {
  readonly path: string;
  readonly data: Buffer;
  /** It goes as soon as the session is on the screen, not only with its viewer. */
  readonly untilShown?: boolean | undefined;
}

/** A local program that shows a session, ready to be spawned in a seat's environment. */
export interface ViewerCommand {
  /** What people know it by. */
  readonly name: string;
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** Written before it starts, readable by its user alone, and removed when it has ended. */
  readonly files: readonly ViewerFile[];
  /** A private folder, made before it starts and removed with all that is in it when it has ended. */
  readonly folder?: string | undefined;
  /**
   * A line of its output that matches means: the session is on the screen. Undefined (a terminal
   * emulator): it is when the backend's listing shows a watcher with the viewer's id.
   */
  readonly ready: RegExp | undefined;
  /** One that means: it connects, and is not ended until it shows, for 3 s at most. */
  readonly connects?: RegExp | undefined;
  /** Lines that mean: it is not let in, and it fails, where it would only say so in its window. */
  readonly refused?: RegExp | undefined;
  readonly fails?: RegExp | undefined;
  /** Files to remove when it has ended: `{pid}`, or `{pidHex}`, is its process. */
  readonly leaves?: readonly string[] | undefined;
  /** Longest wait for that line, in ms. */
  readonly timeoutMs: number;
}
