/** The parts of the agent and how they are joined. Everything they decide is decided elsewhere. */
import { Catalogue } from '../catalogue/store.ts';
import { sleep } from '../kernel/abort.ts';
import { systemClock } from '../kernel/clock.ts';
import type { Logger } from '../kernel/log.ts';
import type { Session } from '../model/session.ts';
import { hasSystemBus, systemBus } from '../platform/dbus.ts';
import { localMachine } from '../platform/local-machine.ts';
import { emptyDir } from '../platform/private-dir.ts';
import { openSettings } from '../platform/settings.ts';
import { sleepLock } from '../platform/sleep-lock.ts';
import { probeBackends } from '../profiles/probe.ts';
import type { Paths } from '../protocol/paths.ts';
import { HOTDESK_VERSION } from '../protocol/version.ts';
import { isInstalled } from '../viewer/locate.ts';
import { screenSize } from '../viewer/screen.ts';
import { Announced } from './announced.ts';
import { withCurrentProfiles } from './api/current-profiles.ts';
import { handlersOf } from './api/handlers.ts';
import type { Handlers } from './api/server.ts';
import { Backends } from './backends.ts';
import { Compilers } from './compilers.ts';
import { AgentContext } from './context.ts';
import { createDiscovery, type Discovery } from './discovery.ts';
import { Handovers } from './handovers.ts';
import { HeadStarts } from './head-starts.ts';
import type { Identity } from './identity.ts';
import { Inventory } from './inventory.ts';
import { hotdeskCommand, launcher } from './launcher.ts';
import { Links } from './links.ts';
import { lookingAround } from './look-around.ts';
import { plainName } from './own-names.ts';
import { Prompts } from './prompts.ts';
import type { Publisher } from './publish.ts';
import { Remote } from './remote.ts';
import { SeatEvents } from './seat-events.ts';
import { Seats } from './seats.ts';
import { secretsOf } from './secrets.ts';
import { SessionNews } from './session-news.ts';
import { Sleep } from './sleep.ts';
import { settleTaken, type TakenDeps } from './taken.ts';
import { Terminals } from './terminals.ts';
import { ViewerRegistry } from './viewers.ts';
import { procNetUnix, Ticker, watchBackend } from './watch.ts';

export interface DaemonOptions {
  readonly paths: Paths;
  readonly uid: number;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** So long after its start an agent waits for a host that it was asked for and does not know, in ms. */
const FIND_MS = 3000;

export class Parts {
  readonly log: Logger;
  readonly #options: DaemonOptions;
  readonly #identity: Identity;
  readonly #onStop: () => void;
  readonly #listeners = new Set<() => void>();
  readonly #startedAt = Date.now();
  #inventory: Inventory | undefined;
  #discovery: Discovery | undefined;
  #links: Links | undefined;
  #viewers: ViewerRegistry | undefined;
  #remote: Remote | undefined;
  readonly #compilers = new Compilers({
    clock: systemClock,
    isConnected: () => this.#remote?.isConnected() ?? false,
  });
  #publisher: Publisher<readonly Buffer[]> | undefined;
  #headStarts: HeadStarts | undefined;
  readonly #sleep: Sleep;

  constructor(options: DaemonOptions, identity: Identity, log: Logger, onStop: () => void) {
    this.#options = options;
    this.#identity = identity;
    this.log = log;
    this.#onStop = onStop;
    this.#sleep = new Sleep({
      open: systemBus,
      isThere: () => hasSystemBus(options.env),
      hold: sleepLock,
      clock: systemClock,
      log,
      tell: async () => {
        for (const listener of this.#listeners) listener();
        await this.#publisher?.now();
      },
    });
  }

  async prepare(): Promise<Handlers> {
    this.#compilers.start();
    const { paths, env, uid } = this.#options;
    const { log } = this;
    const me = { hostId: this.#identity.hostId, host: this.#identity.host };
    const settings = await openSettings(paths.configDir);
    for (const problem of settings.problems()) log.warn({ code: problem.code }, problem.message);
    const catalogue = new Catalogue(
      { hostId: me.hostId, name: me.host, version: HOTDESK_VERSION, sessions: [], backends: {} },
      systemClock,
    );
    const handovers = new Handovers(systemClock);
    const announced = new Announced(handovers, (names) => {
      changed();
      inventory.soon(names);
    });
    const discovery = createDiscovery({ settings, catalogue, log, identity: this.#identity });
    this.#discovery = discovery;
    this.#publisher = discovery.publisher({
      sessions: () => this.#sessions(announced),
      isAsleep: () => this.#sleep.isAsleep,
    });
    // The name on the network takes longest: Avahi asks around for it.
    void this.#publisher.start();
    const backends = new Backends(settings, paths.configDir, log);
    await backends.load();
    const here = localMachine(me.host);
    const viewerFolder = emptyDir(paths.viewerDir);

    const selfNow = () => ({
      hostId: me.hostId,
      name: me.host,
      version: HOTDESK_VERSION,
      sessions: this.#sessions(announced),
      backends: inventory.versions(),
    });
    const changed = () => {
      catalogue.setSelf(selfNow());
      this.#publisher?.changed();
      for (const listener of this.#listeners) listener();
    };
    const watchEnv = {
      home: env.HOME ?? '/',
      uid,
      user: env.USER ?? env.LOGNAME ?? '',
      runtime: `/run/user/${uid}`,
      ticker: new Ticker(procNetUnix),
    };
    const seatEvents = new SeatEvents();
    const news = new SessionNews({ me, log, catalogue, events: seatEvents });
    const inventory = new Inventory({
      log,
      backends: () => backends.usable().map((profile) => backends.bind(profile.name, here)),
      detect: (all, signal) => {
        const profiles = all.map((backend) => backend.profile);
        return probeBackends(profiles, here, 'host', signal);
      },
      watch: (backend, onChange) => watchBackend(backend.profile.watch, watchEnv, onChange),
      isHandingOver: () => handovers.isBusy,
      onChange: changed,
      onGone: (backend, gone) => void news.gone(backend, gone),
    });
    this.#inventory = inventory;
    const seats = new Seats((all) => {
      catalogue.setSeats(all);
      for (const listener of this.#listeners) listener();
    });
    const viewers: ViewerRegistry = new ViewerRegistry({
      me,
      log,
      folder: viewerFolder,
      takeSeat: (id) => seats.take(id),
      launch: launcher({
        env,
        me,
        folder: viewerFolder,
        hotdesk: hotdeskCommand(process.argv),
        prefer: () => settings.current().preferViewers,
        awaitCall: (id, view) => terminals.awaitCall(id, view),
        forget: (id) => terminals.forget(id),
        sshTo: (host) => remote.sshTo(host),
      }),
      onChange: (all) => {
        catalogue.setViewers(all);
        links.announce();
        changed();
      },
      onTaken: (all, event) => news.taken(all, event),
    });
    this.#viewers = viewers;
    handovers.join({
      watches: (session) => viewers.of(me.hostId, session).length > 0,
      tell: (event) => viewers.onHandover(me.hostId, event),
    });
    const secrets = secretsOf({ stateDir: paths.stateDir, env, log });
    const keeping = { secrets, settings: () => settings.current() };
    const remote = new Remote({ settings, backends, secrets, log });
    this.#remote = remote;
    const links = new Links({
      me,
      clock: systemClock,
      log,
      catalogue,
      idleMs: settings.current().idleMinutes * 60_000,
      dial: (host, signal, prompter) => {
        this.#compilers.warm();
        return remote.dial(host, signal, prompter);
      },
      survey: (machine, signal) => remote.survey(machine, signal),
      surveyOwn: (machine, known, signal) => remote.surveyOwn(machine, known, signal),
      suspect: (host) => {
        for (const s of catalogue.sightingsOf(host.key)) discovery.suspect(s);
      },
      viewers: () => viewers.all(),
      onHandover: (hostKey, event) => viewers.onHandover(hostKey, event),
      onStopping: (hostKey, event) => news.stopping(hostKey, event),
      onEnded: (host, event) => news.ended(host, event),
      onPeerLost: (hostKey) => void settleTaken(taken, hostKey),
    });
    this.#links = links;
    const lookAround = lookingAround({ links, catalogue, startedAt: this.#startedAt });
    const context = new AgentContext({
      me,
      catalogue,
      links,
      inventory,
      handovers,
      viewers,
      seats,
      keeping,
      isYoung: () => Date.now() - this.#startedAt < FIND_MS,
      localMachine: here,
      profiles: () => backends.usable().map((p) => p.name),
      preferred: () => settings.current().preferBackends,
      bind: (name, machine) => backends.bind(name, machine),
      options: (profile, given, where) => backends.options(profile, given, where),
      screenOf: async (seat) => screenSize(seat, env),
      isThere: (program, holds) => isInstalled(program, env.PATH, holds),
      lookAround,
    });
    const taken: TakenDeps = {
      taken: (hostKey) => viewers.taken(hostKey),
      isShown: (hostKey, session) => viewers.of(hostKey, session).length > 0,
      watchers: (hostKey, session) => context.watchers(hostKey, session),
      settle: (hostKey, event) => viewers.onHandover(hostKey, event),
      sleep,
    };
    const terminals = new Terminals(viewers, viewerFolder);
    const all = handlersOf({
      context,
      prompts: new Prompts(),
      terminals,
      keeping,
      catalogue,
      inventory,
      announced,
      handovers,
      seats,
      seatEvents,
      settings,
      backends,
      discovery,
      links,
      remote,
      here,
      paths,
      identity: this.#identity,
      env,
      viewerFolder,
      startedAt: this.#startedAt,
      lookAround,
      sessions: () => this.#sessions(announced),
      isAsleep: () => this.#sleep.isAsleep,
      onChange: (listener) => {
        this.#listeners.add(listener);
        return () => this.#listeners.delete(listener);
      },
      onSettings: async () => {
        await backends.load();
        discovery.settingsChanged();
        this.#publisher?.changed();
        await secrets.keepOnly(settings.current().keepPasswords.map(plainName));
      },
      stop: this.#onStop,
    });
    const handlers = withCurrentProfiles(all, async () => {
      if (await backends.freshen()) await inventory.refresh();
    });
    const headStarts = new HeadStarts({
      folder: paths.headStarts,
      uid,
      log,
      around: { rows: () => catalogue.rows(), profiles: () => backends.usable() },
      seats,
      opens: handlers,
    });
    this.#headStarts = headStarts;
    return { ...handlers, ...headStarts.joined() };
  }

  /** The folder of the socket was removed, and is there again. */
  remade(): void {
    this.#headStarts?.start();
  }

  async start(): Promise<void> {
    this.#headStarts?.start();
    // Finding others does not wait for our own listing, nor the advert for either.
    await Promise.all([this.#discovery?.start(), this.#inventory?.start()]);
    this.#publisher?.changed();
    void this.#sleep.start();
  }

  async stop(): Promise<void> {
    this.#headStarts?.stop();
    this.#compilers.stop();
    this.#sleep.stop();
    await this.#publisher?.stop();
    this.#inventory?.stop();
    await this.#viewers?.end();
    this.#links?.end();
    await this.#discovery?.stop();
    await this.#remote?.close();
  }

  #sessions(announced: Announced): Session[] {
    const me = { hostId: this.#identity.hostId, host: this.#identity.host };
    return (this.#inventory?.sessions() ?? []).map((session) =>
      announced.complete(session, this.#viewers?.of(me.hostId, session) ?? [], me),
    );
  }
}
