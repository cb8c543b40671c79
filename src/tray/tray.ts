/** The tray: what the agent tells becomes a menu, and clicks become calls. A thin view over the client. */
import type { ConnectOptions } from '../client/client.ts';
import type { Clock } from '../kernel/clock.ts';
import { type HotdeskError, toHotdeskError } from '../kernel/errors.ts';
import { seatOf } from '../model/seat-of.ts';
import type { HostSession } from '../model/session.ts';
import { sessionBusSockets } from '../platform/bus-address.ts';
import { sessionBus } from '../platform/dbus.ts';
import type { Snapshot } from '../protocol/api.ts';
import { sortSessions } from '../protocol/excerpt.ts';
import { Acts } from './acts.ts';
import { Applications } from './applications.ts';
import { AskingClient } from './asking.ts';
import { noTray } from './cure.ts';
import { AgentFeed } from './feed.ts';
import { Icon } from './icon.ts';
import { appIcon, iconSet } from './icons.ts';
import type { MenuInput } from './menu/input.ts';
import { toBring, toDetach, viewOf } from './menu/menu.ts';
import { LONG, type MenuAction, type MenuLimits } from './menu/model.ts';
import { Notices } from './notices.ts';
import { deliver } from './notify/deliver.ts';
import { Notify } from './notify/notify.ts';
import { notifySettings } from './notify/settings.ts';
import { readPreferences, USUAL } from './preferences.ts';
import { askUser, isInPath, openTerminal } from './programs.ts';
import { sniAdapter } from './sni/adapter.ts';
import { systrayAdapter } from './systray/adapter.ts';
import { runnable } from './systray/program.ts';
import { panelTone } from './tone.ts';
import { trimmer } from './trim.ts';

type Env = Readonly<Record<string, string | undefined>>;

export interface TrayOptions {
  readonly env: Env;
  readonly connect: Pick<ConnectOptions, 'paths' | 'uid' | 'program'>;
  /** argv of the hotdesk command. */
  readonly hotdesk: readonly string[];
  /** In whose language applications are named. */
  readonly locale: string | undefined;
  readonly clock: Clock;
  /** A line for who started it in a terminal. */
  readonly say: (text: string) => void;
}

/** How long the icon waits for what the agent has to say, in ms: it is to be seen within half a second. */
const FIRST_WORD_MS = 150;

export class Tray {
  readonly #options: TrayOptions;
  readonly #feed: AgentFeed;
  readonly #icon: Icon;
  readonly #acts: Acts;
  /** For what is clicked. */
  readonly #asking: AskingClient;
  readonly #notify: Notify;
  readonly #applications: Applications;
  readonly notices = new Notices(() => this.#changed());
  readonly #underWay = new Map<string, string>();
  readonly #trim: () => void;
  #env: Env;
  #preferences = USUAL;
  #snapshot: Snapshot | undefined;
  #problem: string | undefined = 'Looking for the agent…';
  #can: ReadonlyMap<string, readonly string[]> = new Map();
  #terminals: ReadonlySet<string> = new Set();
  #said = '';
  #pending = false;
  #resolveEnd: () => void = () => {};
  /** Settles when the user quits. */
  readonly quit: Promise<void> = new Promise((resolve) => {
    this.#resolveEnd = resolve;
  });

  constructor(options: TrayOptions) {
    this.#options = options;
    this.#env = options.env;
    const { clock, connect } = options;
    this.#trim = trimmer(clock);
    this.#feed = new AgentFeed({
      clock,
      connect: { ...connect, env: options.env },
      events: {
        onConnected: (client) => this.#connected(client),
        onSnapshot: (snapshot) => this.#take(snapshot),
        onLost: (error) => this.#lost(error),
      },
    });
    const client = () => this.#feed.client;
    const onChange = () => this.#changed();
    this.#applications = new Applications({
      client,
      now: () => clock.now(),
      locale: options.locale,
      onChange,
    });
    this.#asking = new AskingClient({
      connect,
      env: () => this.#env,
      has: (program) => isInPath(program, this.#env),
      onFailure: (why) => this.#say(why),
    });
    this.#acts = new Acts({
      // None where no agent answers; else that which may ask for a password.
      client: () => {
        const background = client();
        return this.#asking.client ?? background;
      },
      seat: () => this.#seat?.id,
      snapshot: () => this.#snapshot,
      all: (what) => this.#all(what),
      openTerminal: (args, stays) => openTerminal([...options.hotdesk, ...args], stays, this.#env),
      ask: async (title, text, value) => askUser(title, text, value, this.#env),
      onWork: (ref, doing) => this.#work(ref, doing),
      onFailure: (what, error) => this.#failed(what, error),
      onUsed: (host, app) => this.#applications.used(host, app),
      answer: (notice, choice) => this.notices.answer(notice, choice),
      startAgent: () => void this.#feed.start(),
      quit: () => this.#resolveEnd(),
    });
    this.#notify = new Notify({
      clock,
      seat: () => this.#seat?.id,
      settings: async () => notifySettings((await client().call('config.list', {})).settings),
      menu: this.notices,
      run: (action) => void this.#acts.run(action),
      deliver: (notice, onFailure) => deliver(notice, appIcon(), onFailure),
      onFailure: (why) => this.#say(`A notification could not be shown: ${why}`),
    });
    this.#icon = this.#makeIcon();
  }

  /** The icon is shown as soon as it can be; later where it cannot yet. */
  async start(): Promise<void> {
    const { clock } = this.#options;
    const late = new Promise<void>((resolve) => clock.after(FIRST_WORD_MS, resolve));
    await Promise.race([this.#feed.start(), late]);
    await this.#icon.start();
  }

  async end(): Promise<void> {
    this.#feed.end();
    this.#asking.end();
    this.#notify.end();
    await this.#icon.end();
  }

  /** The login that this tray belongs to goes on with another environment. */
  async adopt(env: Env): Promise<void> {
    this.#env = { ...this.#env, ...env };
    const seat = this.#seat;
    if (seat) await this.#feed.client.call('seat.register', seat).catch(() => {});
    await this.#icon.restart();
  }

  get #seat() {
    return seatOf(this.#env);
  }

  #makeIcon(): Icon {
    const { clock, connect, say } = this.#options;
    const needsBus = process.platform !== 'darwin' && process.platform !== 'win32';
    const openBus = () => sessionBus(sessionBusSockets(this.#env));
    const adapters = {
      systray2: systrayAdapter({ program: () => runnable(connect.paths.cacheDir), env: () => this.#env }),
      sni: sniAdapter(openBus),
    };
    return new Icon({
      adapters: () => {
        const { backend } = this.#preferences;
        return backend === 'auto' ? [adapters.systray2, adapters.sni] : [adapters[backend]];
      },
      openBus: needsBus ? openBus : undefined,
      clock,
      icons: async (bus) => {
        const { panel } = this.#preferences;
        return iconSet(panel === 'auto' ? await panelTone(bus, this.#env) : panel);
      },
      view: (limits) => viewOf(this.#input, limits),
      onAction: (action: MenuAction) => void this.#acts.run(action),
      onOpened: () => this.#applications.freshen(),
      onShown: (adapter) => this.#say(`The icon is shown (${adapter}).`),
      onMissing: (missing) => this.#say(noTray(missing, this.#env)),
      onTrouble: (adapter, why) => say(`${adapter}: ${why}`),
    });
  }

  get #input(): MenuInput {
    return {
      snapshot: this.#snapshot,
      problem: this.#problem,
      seat: this.#seat?.id,
      can: this.#can,
      terminals: this.#terminals,
      apps: this.#applications.shown,
      notices: this.notices.shown,
      underWay: this.#underWay,
    };
  }

  async #connected(client: AgentFeed['client']): Promise<void> {
    client.on('seat', (event) => this.#notify.seatEvent(event));
    client.on('ended', (event) => this.#notify.sessionEnded(event));
    void this.#asking.open();
    const seat = this.#seat;
    // A display that does not answer yet is no reason to show nothing.
    const registered = seat ? client.call('seat.register', seat).catch(() => {}) : undefined;
    const [{ profiles }, preferences] = await Promise.all([
      client.call('profiles.list', { probe: false }),
      readPreferences(client),
      registered,
    ]);
    const isOther = JSON.stringify(preferences) !== JSON.stringify(this.#preferences);
    this.#preferences = preferences;
    // The icon did not wait for a slow agent.
    if (isOther && this.#icon.limits) await this.#icon.restart();
    this.#can = new Map(profiles.map(({ name, can }) => [name, can]));
    this.#terminals = new Set(
      profiles.filter(({ kinds }) => kinds.includes('terminal')).map(({ name }) => name),
    );
  }

  #take(snapshot: Snapshot): void {
    this.#snapshot = snapshot;
    this.#problem = undefined;
    this.#notify.snapshot(snapshot);
    this.#changed();
    this.#applications.want(snapshot.hosts.slice(0, this.#limits.hosts));
  }

  #lost(error: HotdeskError): void {
    this.#snapshot = undefined;
    this.#problem = error.message;
    this.#notify.lost();
    this.#changed();
  }

  get #limits(): MenuLimits {
    return this.#icon.limits ?? LONG;
  }

  /** All of them, not only those in the menu. */
  async #all(what: 'bring-all' | 'detach-all'): Promise<readonly HostSession[]> {
    const snapshot = await this.#feed.client.call('catalogue', { look: 'none', waitMs: 0 });
    const sorted = sortSessions(snapshot);
    return what === 'bring-all' ? toBring(this.#input, sorted) : toDetach(this.#input, sorted);
  }

  #work(ref: string, doing: string | undefined): void {
    if (doing === undefined) this.#underWay.delete(ref);
    else this.#underWay.set(ref, doing);
    this.#changed();
  }

  #failed(what: string, thrown: HotdeskError): void {
    const { message, hint } = toHotdeskError(thrown);
    const text = `${what}: ${message}${hint === undefined ? '' : ` ${hint}`}`;
    this.#options.say(text);
    this.notices.add({ subject: `failed ${what}`, text, choices: [] });
  }

  /** What is said again and again is said once. */
  #say(text: string): void {
    if (text === this.#said) return;
    this.#said = text;
    this.#options.say(text);
  }

  /** Changes at once are shown at once. */
  #changed(): void {
    if (this.#pending) return;
    this.#pending = true;
    setImmediate(() => {
      this.#pending = false;
      this.#icon.refresh();
      this.#trim();
    });
  }
}
