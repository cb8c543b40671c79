/** What the actions see of this agent. */
import type {
  AccountElsewhere,
  ActionContext,
  Handover,
  Options,
  OptionsPlace,
  PeerCalls,
  Report,
} from '../actions/context.ts';
import { orAbort } from '../kernel/abort.ts';
import { HotdeskError } from '../kernel/errors.ts';
import type { Host } from '../model/host.ts';
import { namesOf } from '../model/host.ts';
import type { Machine } from '../model/machine.ts';
import { parseRef } from '../model/ref.ts';
import type { HostSession, Session } from '../model/session.ts';
import type { Backend } from '../profiles/backend.ts';
import { fitted, fitting } from '../profiles/options.ts';
import { viewersFor } from '../profiles/view.ts';
import type { Party } from '../protocol/api.ts';
import type { Prompter } from '../ssh/ssh.ts';
import { noAnswer, whileAnswering } from './answering.ts';
import { claimAt } from './claim.ts';
import type { ContextDeps } from './context-deps.ts';
import type { Connected } from './link.ts';
import { pickHost } from './links.ts';
import { hostNamed, hostOfSession, sessionNamed } from './named.ts';
import type { ViewerRegistry } from './viewers.ts';

/** How long a session that is not in the catalogue is looked for on hosts not asked yet, in ms. */
const LOOK_MS = 3000;

/** A host is asked for its sessions so long after one was started there, in ms. */
const REFRESH_MS = 500;

/** On whose behalf hosts are connected to. */
export interface Asking {
  /** Undefined: nobody is asked for passwords. */
  readonly prompter: Prompter | undefined;
  /** Somebody at another machine, who is asked for the password of an account only: never for one of SSH. */
  readonly elsewhere?: Prompter | undefined;
  readonly signal: AbortSignal;
}

export class AgentContext implements ActionContext {
  readonly #deps: ContextDeps;
  readonly #asking: Asking | undefined;

  constructor(deps: ContextDeps, asking?: Asking) {
    this.#deps = deps;
    this.#asking = asking;
  }

  /** The same for one call, whose view may be asked for passwords. */
  asking(asking: Asking): AgentContext {
    return new AgentContext(this.#deps, asking);
  }

  /** The connection to a host, made if need be. @throws why the host cannot be used */
  async connected(host: Host): Promise<Connected> {
    const { prompter, signal } = this.#asking ?? {};
    if (host.state === 'rdp-only') throw speaksRdpOnly(host);
    return orAbort(this.#deps.links.to(host).connect(prompter), signal);
  }

  get me(): Party {
    return this.#deps.me;
  }

  get viewers(): ViewerRegistry {
    return this.#deps.viewers;
  }

  rows() {
    return this.#deps.catalogue.rows();
  }

  host(text: string): Host {
    return pickHost(text, this.rows().hosts);
  }

  /**
   * The host that `text` means; an agent that has just started gives it the time to be found.
   * @throws HotdeskError `unknown-host`, `ambiguous`
   */
  findHost(text: string, signal: AbortSignal): Promise<Host> {
    return hostNamed(
      text,
      () => this.rows(),
      () => this.#deps.isYoung(),
      signal,
    );
  }

  /**
   * The row of a host once it has answered: only then is it known who it is, which may change its key.
   * @throws HotdeskError why it cannot be reached
   */
  async askedHost(host: Host, signal: AbortSignal): Promise<Host> {
    if (this.#isMe(host)) return host;
    await orAbort(this.connected(host), signal);
    return this.#deps.links.rowOf(host) ?? host;
  }

  hostOf(session: HostSession): Host {
    return hostOfSession(session, this.rows());
  }

  async session(ref: string, signal: AbortSignal): Promise<HostSession> {
    try {
      return sessionNamed(ref, this.rows());
    } catch (error) {
      if (!(error instanceof HotdeskError) || error.code !== 'unknown-session') throw error;
      const { host } = parseRef(ref);
      // Of an agent that has just started, what runs here is not known yet.
      await orAbort(this.#deps.inventory.ready(), signal);
      if (host !== undefined) await this.refresh(await this.findHost(host, signal));
      else {
        // What was started here a moment ago, by hand or from elsewhere, may not have been noticed.
        const here = orAbort(this.#deps.inventory.freshen(0), signal);
        await Promise.all([here, this.#deps.lookAround(LOOK_MS, signal)]);
      }
      return sessionNamed(ref, this.rows());
    }
  }

  /** The id of a seat here when the session was sent here by name; undefined where the caller's own is meant. */
  async anySeat(to: string | undefined): Promise<string | undefined> {
    return to === undefined ? undefined : (await this.#deps.seats.pick(undefined)).id;
  }

  async machine(host: Host): Promise<Machine> {
    if (this.#isMe(host)) return this.#deps.localMachine;
    return (await this.connected(host)).machine;
  }

  async backend(host: Host, name: string): Promise<Backend> {
    return this.#deps.bind(name, await this.machine(host));
  }

  async backendsOn(host: Host): Promise<readonly Backend[]> {
    const machine = await this.machine(host);
    if (this.#isMe(host)) await this.#deps.inventory.ready();
    const there = this.#deps.links.rowOf(host)?.backends ?? {};
    return this.#deps
      .profiles()
      .filter((name) => Object.hasOwn(there, name))
      .map((name) => this.#deps.bind(name, machine));
  }

  preferred(): readonly string[] {
    return this.#deps.preferred();
  }

  async peer(host: Host): Promise<PeerCalls | undefined> {
    const connected = await this.connected(host);
    const link = this.#deps.links.to(host);
    const peer = connected.peer ?? (await link.agent());
    if (!peer) return undefined;
    return {
      call: (method, params, signal, onProgress) =>
        whileAnswering(
          noAnswer(host.name),
          () => link.announce('pulse'),
          signal,
          (inner) => peer.call(method, params, { signal: inner, onProgress }),
        ),
    };
  }

  async claim(session: HostSession, signal: AbortSignal, asked?: Party): Promise<Handover> {
    const { me, handovers, viewers } = this.#deps;
    const deps = { me, handovers, viewers, connected: (host: Host) => this.connected(host) };
    return claimAt(this.hostOf(session), session, deps, signal, asked);
  }

  async options(
    { profile }: Backend,
    { host, session, seat }: OptionsPlace,
    given: Options,
  ): Promise<Options> {
    const hostNames = [host.name, ...namesOf(host)];
    const options = this.#deps.options(profile, given, {
      host: hostNames,
      session: [...hostNames.map((name) => `${session}@${name}`), session],
    });
    if (fitting(profile, options).length === 0) return options;
    const at = seat === undefined ? undefined : await this.#deps.seats.pick(seat);
    return fitted(profile, options, at && (await this.#deps.screenOf(at)));
  }

  async withPassword<T>(
    { profile, machine }: Backend,
    host: Host,
    signal: AbortSignal,
    report: Report,
    use: (password: string | undefined) => Promise<T>,
  ): Promise<T> {
    if (!profile.asks) return use(undefined);
    const { withAccount } = await import('./account/account.ts');
    const { prompter: here, elsewhere } = this.#asking ?? {};
    const prompter = here ?? elsewhere;
    const isElsewhere = here === undefined && elsewhere !== undefined;
    const { keeping } = this.#deps;
    return withAccount({ profile, machine, host, keeping, prompter, isElsewhere, signal, report }, use);
  }

  get canAsk(): boolean {
    return this.#asking?.prompter !== undefined;
  }

  async askFor({ user, host, backend, to }: AccountElsewhere, signal: AbortSignal): Promise<string> {
    const { asks } = this.#deps.bind(backend, this.#deps.localMachine).profile;
    if (!asks) {
      throw new HotdeskError('protocol-error', `${to} wants a password for ${backend}, which needs none.`);
    }
    const { askAccount, userName } = await import('./account/account.ts');
    const question = { user: userName(user), host, what: asks.password, to };
    return askAccount(question, this.#asking?.prompter, signal);
  }

  async canShow({ profile }: Backend, seat: string): Promise<boolean> {
    const { kind } = await this.#deps.seats.pick(seat);
    const there = viewersFor(profile, kind).map(({ program, holds }) => this.#deps.isThere(program, holds));
    return (await Promise.all(there)).includes(true);
  }

  async refresh(host: Host): Promise<void> {
    if (this.#isMe(host)) return this.#deps.inventory.refresh();
    // Nobody there lists anything.
    if (host.state === 'rdp-only') return;
    // A person may be asked first, which takes as long as it takes.
    if (this.#asking?.prompter) await this.connected(host);
    await this.#deps.links.to(host).refresh(AbortSignal.timeout(20_000));
  }

  /** Viewers of a session as its host counts them now; undefined where the host does not answer. */
  async watchers(
    hostKey: string,
    what: { readonly backend: string; readonly localId: string },
  ): Promise<number | 'gone' | undefined> {
    const host = this.rows().hosts.find((h) => h.key === hostKey);
    if (!host) return undefined;
    try {
      await this.refresh(host);
    } catch {
      return undefined;
    }
    const found = this.rows().sessions.find(
      (s) => s.hostKey === hostKey && s.backend === what.backend && s.localId === what.localId,
    );
    return found ? found.watchers.length : 'gone';
  }

  /** What runs on this machine, looked at within the last half second. */
  async freshen(): Promise<void> {
    await this.#deps.inventory.freshen(500);
  }

  remember(host: Host, session: Session): HostSession {
    if (this.#isMe(host)) this.#deps.inventory.add(session);
    else this.#deps.links.to(host).add(session);
    // Its agent may not have noticed yet what was started there through SSH. But a viewer opens just now.
    const look = () =>
      this.#deps.links
        .to(host)
        .refresh(AbortSignal.timeout(20_000))
        .catch(() => {});
    if (!this.#isMe(host)) setTimeout(look, REFRESH_MS).unref();
    const found = this.rows().sessions.find(
      (s) =>
        s.backend === session.backend &&
        s.localId === session.localId &&
        (s.hostKey === host.key || s.host === host.name),
    );
    return (
      found ?? {
        ...session,
        hostKey: host.key,
        host: host.name,
        ref: `${session.backend}:${session.localId}@${host.name}`,
      }
    );
  }

  #isMe(host: Host): boolean {
    return host.state === 'local';
  }
}

function speaksRdpOnly({ name }: Host): HotdeskError {
  return new HotdeskError('not-supported', `${name} speaks RDP, and nobody says that it speaks SSH too.`, {
    hint: `Open it: \`hotdesk open ${name}\`. If it has an SSH server, add that by a name of its own: \`hotdesk hosts add NAME --ssh ADDRESS\`.`,
  });
}
