/**
 * The icon for as long as the tray lives: shown when a panel is there, taken down when it goes, opened
 * again (with growing pauses) when what shows it ends. The first adapter that can show it does.
 */
import type { ServingBus } from '../kernel/bus.ts';
import type { Clock } from '../kernel/clock.ts';
import { toHotdeskError } from '../kernel/errors.ts';
import type { AdapterKind, TrayAdapter } from './adapter.ts';
import type { Missing } from './cure.ts';
import type { IconSet } from './icons.ts';
import type { MenuAction, MenuLimits, TrayView } from './menu/model.ts';
import { watchPanel } from './panel.ts';

export interface IconDeps {
  /** By preference. */
  readonly adapters: () => readonly AdapterKind[];
  /** The session's bus; undefined where icons need none (macOS, Windows). */
  readonly openBus: (() => Promise<ServingBus>) | undefined;
  readonly icons: (bus: ServingBus | undefined) => Promise<IconSet>;
  readonly clock: Clock;
  readonly view: (limits: MenuLimits) => TrayView;
  readonly onAction: (action: MenuAction) => void;
  readonly onOpened: () => void;
  /** The icon is there, shown by that adapter. */
  readonly onShown: (adapter: AdapterKind['name']) => void;
  readonly onMissing: (missing: Missing) => void;
  /** An adapter could not show it, or ended. */
  readonly onTrouble: (adapter: AdapterKind['name'], why: string) => void;
}

/** Pauses between attempts, in ms. */
const FIRST_PAUSE = 200;
const LONGEST_PAUSE = 30_000;
/** An adapter that lived so long did well: the pauses start anew, in ms. */
const WELL_MS = 60_000;

export class Icon {
  readonly #deps: IconDeps;
  #bus: ServingBus | undefined;
  #adapter: { readonly kind: AdapterKind; readonly tray: TrayAdapter; readonly since: number } | undefined;
  /** Adapters that failed to open are not tried again before the others were. */
  readonly #failed = new Set<AdapterKind>();
  #hasPanel = false;
  /** Grows with everything that makes an opening under way pointless. */
  #turn = 0;
  /** Grows with each start: a bus that comes for an earlier one is not wanted any more. */
  #start = 0;
  #pause = FIRST_PAUSE;
  #timer: (() => void) | undefined;
  #ended = false;

  constructor(deps: IconDeps) {
    this.#deps = deps;
  }

  async start(): Promise<void> {
    this.#start += 1;
    if (this.#deps.openBus) await this.#connect(this.#deps.openBus);
    else await this.#panelIs(true);
  }

  /** Something has changed: the view is asked for again. */
  refresh(): void {
    if (this.#adapter) this.#adapter.tray.show(this.#deps.view(this.#adapter.kind.limits));
  }

  get limits(): MenuLimits | undefined {
    return this.#adapter?.kind.limits;
  }

  /** The session's bus may be another one now. */
  async restart(): Promise<void> {
    this.#start += 1;
    const start = this.#start;
    const old = this.#bus;
    this.#bus = undefined;
    await this.#takeDown();
    old?.close();
    // Ended, or started anew once more, meanwhile.
    if (this.#ended || start !== this.#start) return;
    this.#failed.clear();
    this.#pause = FIRST_PAUSE;
    await this.start();
  }

  async end(): Promise<void> {
    this.#ended = true;
    this.#timer?.();
    await this.#takeDown();
    this.#bus?.close();
  }

  async #connect(openBus: () => Promise<ServingBus>): Promise<void> {
    const start = this.#start;
    let bus: ServingBus | undefined;
    const isOver = () => this.#ended || start !== this.#start;
    try {
      const opened = await openBus();
      bus = opened;
      if (isOver()) return opened.close();
      this.#bus = opened;
      opened.onClose(() => {
        if (this.#bus !== opened) return;
        this.#bus = undefined;
        void this.#panelIs(false);
        if (!this.#ended) this.#again(() => this.#connect(openBus));
      });
      await watchPanel(opened, (owner) => {
        if (this.#bus !== opened) return;
        if (owner === undefined) this.#deps.onMissing('panel');
        void this.#panelIs(owner !== undefined);
      });
    } catch {
      bus?.close();
      if (isOver() || this.#bus) return;
      this.#deps.onMissing('bus');
      this.#again(() => this.#connect(openBus));
    }
  }

  /** Another panel is a new one: what the old one showed is put up again. */
  async #panelIs(there: boolean): Promise<void> {
    this.#hasPanel = there;
    const turn = await this.#takeDown();
    // Told of another one meanwhile: that is put up already.
    if (there && turn === this.#turn) {
      this.#pause = FIRST_PAUSE;
      await this.#putUp();
    }
  }

  /** @returns whose turn it is until something else happens */
  async #takeDown(): Promise<number> {
    this.#turn += 1;
    const turn = this.#turn;
    // It would put up a second one beside what comes now.
    this.#timer?.();
    const old = this.#adapter;
    this.#adapter = undefined;
    await old?.tray.close();
    return turn;
  }

  async #putUp(): Promise<void> {
    const turn = this.#turn;
    const isOver = () => this.#ended || !this.#hasPanel || turn !== this.#turn;
    const icons = await this.#deps.icons(this.#bus);
    for (const kind of this.#candidates()) {
      if (isOver()) return;
      const why = await this.#open(kind, icons, isOver);
      if (why === undefined) return;
      this.#failed.add(kind);
      this.#deps.onTrouble(kind.name, why);
    }
    if (isOver()) return;
    this.#failed.clear();
    this.#again(() => this.#putUp());
  }

  #candidates(): AdapterKind[] {
    return this.#deps.adapters().filter((kind) => !this.#failed.has(kind));
  }

  /** @returns why it failed */
  async #open(kind: AdapterKind, icons: IconSet, isOver: () => boolean): Promise<string | undefined> {
    const unusable = await kind.unusable();
    if (unusable !== undefined) return unusable;
    const { clock, onAction, onOpened } = this.#deps;
    const opened: { tray?: TrayAdapter; why?: string } = {};
    try {
      const view = this.#deps.view(kind.limits);
      opened.tray = await kind.open({
        ...{ view, icons, onAction, onOpened },
        onEnd: (why) => {
          opened.why = why;
          if (opened.tray && this.#adapter?.tray === opened.tray) this.#lost(kind, why);
        },
      });
    } catch (error) {
      return toHotdeskError(error).message;
    }
    if (isOver()) {
      await opened.tray.close();
      return undefined;
    }
    if (opened.why !== undefined) return opened.why;
    this.#adapter = { kind, tray: opened.tray, since: clock.now() };
    this.#deps.onShown(kind.name);
    // What happened while it opened.
    this.refresh();
    return undefined;
  }

  #lost(kind: AdapterKind, why: string): void {
    const since = this.#adapter?.since ?? 0;
    this.#adapter = undefined;
    this.#turn += 1;
    if (this.#deps.clock.now() - since > WELL_MS) this.#pause = FIRST_PAUSE;
    this.#deps.onTrouble(kind.name, why);
    this.#again(() => this.#putUp());
  }

  #again(work: () => Promise<void>): void {
    if (this.#ended) return;
    this.#timer?.();
    this.#timer = this.#deps.clock.after(this.#pause, () => void work());
    this.#pause = Math.min(this.#pause * 2, LONGEST_PAUSE);
  }
}
