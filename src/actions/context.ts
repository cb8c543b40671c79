/** What actions need of the agent that runs them. The agent implements it; tests give their own. */
import type { Duplex } from 'node:stream';
import type { Rows } from '../catalogue/reduce.ts';
import type { Host } from '../model/host.ts';
import type { Endpoint } from '../model/machine.ts';
import type { HostSession, Session } from '../model/session.ts';
import type { Viewer } from '../model/viewer.ts';
import type { Backend } from '../profiles/backend.ts';
import type { Params, Party, Result, ViewMode } from '../protocol/api.ts';

export type Options = Readonly<Record<string, string | number | boolean>>;

/** How an action says what it is doing. */
export type Report = (text: string) => void;

export interface OpenViewer {
  readonly host: Host;
  readonly backend: Backend;
  readonly session: { readonly localId: string; readonly name: string };
  /** Registered seat on this machine. */
  readonly seat: string;
  readonly mode: ViewMode;
  readonly options: Options;
  /** What the user was asked for, where the profile asks: in memory as long as its viewer runs. */
  readonly password?: string | undefined;
  /** Known already (a session being started): the viewer is launched at once and its bytes wait. */
  readonly endpoint?: Endpoint | undefined;
  /** Whether it may have the session: nothing of the viewer reaches that before, nor is it counted among those that show it. */
  readonly claimed?: Promise<unknown> | undefined;
}

/** A viewer whose further connections lead to another place. */
export interface Redirect {
  /** Of 127.0.0.1, where the viewer connects to that; undefined for a socket. */
  readonly port: number | undefined;
  /** It shows that session from now on; undefined where it has ended. */
  done(host: Host, session: { readonly localId: string; readonly name: string }): Viewer | undefined;
  /** As before. */
  undo(): void;
}

/** The viewers of this machine. */
export interface Viewers {
  /**
   * Leads what the viewer opens from now on to where `open` connects, on the machine of `backend`; what
   * it has open stays. For viewers that change over by connecting anew, to what they take for the same place.
   * @returns undefined where it does not connect through us
   */
  redirect(
    viewerId: string,
    backend: Backend,
    open: (signal: AbortSignal) => Promise<Duplex>,
  ): Redirect | undefined;
  /** Resolves when the session is on the screen. On failure or abort nothing is left of the viewer. */
  open(request: OpenViewer, signal: AbortSignal): Promise<Viewer>;
  close(viewerId: string): Promise<void>;
  of(hostKey: string, session: { backend: string; localId: string }): readonly Viewer[];
}

/** A handover of one session as its host grants it. */
export interface Handover {
  /** `ok: false`: whoever watched before is asked to come back. */
  end(ok: boolean): Promise<void>;
}

/** The agent of another machine (or this one) as a peer. */
export interface PeerCalls {
  call<M extends 'seat.open' | 'inventory' | 'apps.list' | 'apps.icons'>(
    method: M,
    params: Params<M>,
    signal?: AbortSignal,
    onProgress?: (text: string) => void,
  ): Promise<Result<M>>;
}

/** What options are for. */
export interface OptionsPlace {
  readonly host: Host;
  /** Its name. */
  readonly session: string;
  /** Seat of this machine that it is opened at. */
  readonly seat: string | undefined;
}

/** An account whose password another machine wants. */
export interface AccountElsewhere {
  readonly user: string;
  /** Names of the host, of the backend, and of the machine that it is handed to. */
  readonly host: string;
  readonly backend: string;
  readonly to: string;
}

export interface ActionContext {
  readonly me: Party;
  rows(): Rows;
  /** The host that `text` means. @throws HotdeskError `unknown-host`, `ambiguous` */
  host(text: string): Host;
  /** The session that `ref` means; its host is asked first if need be. */
  session(ref: string, signal: AbortSignal): Promise<HostSession>;
  /** The host of a session. */
  hostOf(session: HostSession): Host;
  /** A backend on a host, connected. @throws `unknown-profile`, or why the host cannot be reached */
  backend(host: Host, name: string, signal: AbortSignal): Promise<Backend>;
  /** Backends in the order of preference that the host can run. */
  backendsOn(host: Host, signal: AbortSignal): Promise<readonly Backend[]>;
  /** Names of backends that the user has put first (the setting preferBackends). */
  preferred(): readonly string[];
  /** The agent there; undefined on an agentless host. */
  peer(host: Host, signal: AbortSignal): Promise<PeerCalls | undefined>;
  /** @param asked who wants it, where that is not this machine @throws HotdeskError `session-busy` */
  claim(session: HostSession, signal: AbortSignal, asked?: Party): Promise<Handover>;
  readonly viewers: Viewers;
  /**
   * Checked and completed options of a profile for a session on a host: what is given, over the settings
   * of the session, the host and the profile. `fit` becomes the size of the seat's screen.
   */
  options(backend: Backend, place: OptionsPlace, given: Options): Promise<Options>;
  /**
   * Runs `use` with the password that the backend's profile asks for; undefined where it asks for none. One
   * that was kept and that `use` refuses (`auth-failed`) is forgotten: it runs again with what somebody is asked for.
   * @throws HotdeskError what `use` throws; `auth-failed`: there is nobody to ask, or nobody answered
   */
  withPassword<T>(
    backend: Backend,
    host: Host,
    signal: AbortSignal,
    report: Report,
    use: (password: string | undefined) => Promise<T>,
  ): Promise<T>;
  /** Whether the person who wants it done can be asked for passwords. */
  readonly canAsk: boolean;
  /**
   * Asks that person for the password of an account, for the agent of another machine.
   * @throws HotdeskError `auth-failed`: nobody answered; `bad-argument`: no password can look like that;
   * `protocol-error`: that backend wants none
   */
  askFor(account: AccountElsewhere, signal: AbortSignal): Promise<string>;
  /** Whether a viewer for that backend's sessions is installed here, for that seat. */
  canShow(backend: Backend, seat: string): Promise<boolean>;
  /** The host's list is looked at again now; resolves when the catalogue has it. */
  refresh(host: Host): Promise<void>;
  /** A session that was just made, so that the next look-up has it without a round trip. */
  remember(host: Host, session: Session): HostSession;
}
