/** Does what the menu's items ask for. */
import type { Client } from '../client/client.ts';
import { HotdeskError, toHotdeskError } from '../kernel/errors.ts';
import type { Host } from '../model/host.ts';
import type { HostSession } from '../model/session.ts';
import type { Snapshot } from '../protocol/api.ts';
import type { MenuAction } from './menu/model.ts';
import { splitWords } from './words.ts';

export interface ActsDeps {
  readonly client: () => Client;
  readonly seat: () => string | undefined;
  readonly snapshot: () => Snapshot | undefined;
  /** Sessions that the items for all are about. */
  readonly all: (what: 'bring-all' | 'detach-all') => Promise<readonly HostSession[]>;
  /** Runs a hotdesk command in a terminal window. @throws HotdeskError */
  readonly openTerminal: (args: readonly string[], stays: boolean) => void;
  /** A line of text from the user; undefined: none was given. */
  readonly ask: (title: string, text: string, value?: string) => Promise<string | undefined>;
  /** What is under way with a session; undefined: it is over. */
  readonly onWork: (ref: string, doing: string | undefined) => void;
  readonly onFailure: (what: string, error: HotdeskError) => void;
  readonly onUsed: (host: string, app: string) => void;
  readonly answer: (notice: string, choice: string) => void;
  readonly startAgent: () => void;
  readonly quit: () => void;
}

export class Acts {
  readonly #deps: ActsDeps;
  /** Of the same thing only one at a time: a second click changes nothing. */
  readonly #underWay = new Set<string>();

  constructor(deps: ActsDeps) {
    this.#deps = deps;
  }

  /** Never rejects: what fails is told. */
  async run(action: MenuAction): Promise<void> {
    const key = JSON.stringify(action);
    if (this.#underWay.has(key)) return;
    this.#underWay.add(key);
    const ref = 'ref' in action ? action.ref : undefined;
    if (ref !== undefined) this.#deps.onWork(ref, DOING[action.do]);
    try {
      await this.#do(action);
    } catch (thrown) {
      const error = toHotdeskError(thrown);
      if (error.code !== 'cancelled') this.#deps.onFailure(this.#describe(action), error);
    } finally {
      this.#underWay.delete(key);
      if (ref !== undefined) this.#deps.onWork(ref, undefined);
    }
  }

  async #do(action: MenuAction): Promise<void> {
    const { client, openTerminal } = this.#deps;
    switch (action.do) {
      case 'open':
        await this.#attach(action.ref, action.mode, this.#here());
        return;
      case 'open-at':
        await this.#attach(action.ref, 'take', action.seat);
        return;
      case 'send':
        await client().call('move', { ref: action.ref, to: action.to, options: {} });
        return;
      case 'detach':
        await client().call('detach', { ref: action.ref });
        return;
      case 'stop':
        await client().call('stop', { ref: action.ref });
        return;
      case 'rename':
        return this.#rename(action.ref);
      case 'bring-all':
        return this.#forAll('bring-all', (ref) => this.#attach(ref, 'take', this.#here()));
      case 'detach-all':
        return this.#forAll('detach-all', (ref) => client().call('detach', { ref }));
      case 'start':
        await this.#start(action.host, { app: action.app, command: [] });
        this.#deps.onUsed(action.host, action.app);
        return;
      case 'start-terminal':
        await this.#start(action.host, { command: [], kind: 'terminal' });
        return;
      case 'run-command':
        return this.#runCommand(action.host);
      case 'look':
        await client().call('catalogue', { look: 'none', host: action.host, waitMs: 0 });
        return;
      case 'open-host':
        return this.#openHost(action.host);
      case 'set-up':
        return openTerminal(['setup', '--', this.#nameOf(action.host)], true);
      case 'show-list':
        return openTerminal(['list', '--watch'], false);
      case 'show-hosts':
        return openTerminal(['hosts'], true);
      case 'show-apps':
        return openTerminal(['apps', '--', this.#nameOf(action.host)], true);
      case 'show-settings':
        return openTerminal(['config', 'list'], true);
      case 'answer':
        return this.#deps.answer(action.notice, action.choice);
      case 'start-agent':
        return this.#deps.startAgent();
      case 'quit':
        return this.#deps.quit();
    }
  }

  #attach(ref: string, mode: 'take' | 'share' | 'readonly', seat: string): Promise<unknown> {
    return this.#deps.client().call('attach', { ref, mode, seat, options: {} });
  }

  #start(host: string, what: { app?: string; command: string[]; kind?: 'terminal' }): Promise<unknown> {
    return this.#deps
      .client()
      .call('start', { host, ...what, options: {}, attach: true, seat: this.#here() });
  }

  async #openHost(host: string): Promise<void> {
    try {
      await this.#deps.client().call('console.host', { host, options: {}, seat: this.#here() });
    } catch (error) {
      if (toHotdeskError(error).code !== 'host-key-unknown') throw error;
      // The command shows its certificate, and asks.
      this.#deps.openTerminal(['open', '--', this.#nameOf(host)], true);
    }
  }

  async #runCommand(host: string): Promise<void> {
    const name = this.#nameOf(host);
    const text = await this.#deps.ask('Run command', `Command to run on ${name}:`);
    if (text === undefined || text.trim() === '') return;
    await this.#start(host, { command: splitWords(text) });
  }

  async #rename(ref: string): Promise<void> {
    const session = this.#deps.snapshot()?.sessions.find((each) => each.ref === ref);
    const now = session?.name ?? '';
    let name: string | undefined;
    try {
      name = await this.#deps.ask(
        'Rename',
        `New name of ${session ? this.#describe({ do: 'rename', ref }) : ref}:`,
        now,
      );
    } catch (error) {
      if (toHotdeskError(error).code !== 'command-missing') throw error;
      // The command asks in its terminal.
      return this.#deps.openTerminal(['rename', '--', ref], true);
    }
    if (name === undefined || name.trim() === '' || name === now) return;
    await this.#deps.client().call('rename', { ref, name });
  }

  /** One after the other; one that fails does not keep the others from it. */
  async #forAll(what: 'bring-all' | 'detach-all', one: (ref: string) => Promise<unknown>): Promise<void> {
    const failures: HotdeskError[] = [];
    for (const { ref } of await this.#deps.all(what)) {
      this.#deps.onWork(ref, DOING[what === 'bring-all' ? 'open' : 'detach']);
      await one(ref).catch((error: unknown) => failures.push(toHotdeskError(error)));
      this.#deps.onWork(ref, undefined);
    }
    const [first] = failures;
    if (!first) return;
    const others = failures.length - 1;
    throw new HotdeskError(
      first.code,
      others > 0 ? `${first.message} And ${others} more failed.` : first.message,
      {
        hint: first.hint,
        cause: first,
      },
    );
  }

  #here(): string {
    const seat = this.#deps.seat();
    if (seat !== undefined) return seat;
    throw new HotdeskError('no-seat', 'There is no display here to show it on.', {
      hint: 'Run `hotdesk tray` in the desktop session.',
    });
  }

  #nameOf(hostKey: string): string {
    return this.#deps.snapshot()?.hosts.find(({ key }: Host) => key === hostKey)?.name ?? hostKey;
  }

  #describe(action: MenuAction): string {
    if ('ref' in action) {
      const session = this.#deps.snapshot()?.sessions.find(({ ref }) => ref === action.ref);
      return session ? `${session.name} on ${session.host}` : action.ref;
    }
    if ('host' in action) return this.#nameOf(action.host);
    return WHAT[action.do] ?? action.do;
  }
}

const DOING: Partial<Record<MenuAction['do'], string>> = {
  open: 'opening',
  'open-at': 'opening',
  send: 'moving',
  detach: 'detaching',
  stop: 'ending',
  rename: 'renaming',
};

const WHAT: Partial<Record<MenuAction['do'], string>> = {
  'bring-all': 'Bring all here',
  'detach-all': 'Detach all here',
  'show-list': 'Terminal list',
  'show-hosts': 'Terminal list',
  'show-settings': 'Preferences',
};
