/** Icon and menu by systray2's program. What it cannot do is worked around here: see its neighbours. */
import { readFileSync } from 'node:fs';
import type { AdapterKind, AdapterOptions, TrayAdapter } from '../adapter.ts';
import { type IconState, SHORT, type TrayView } from '../menu/model.ts';
import {
  changes,
  firstItems,
  type Known,
  knownFrom,
  type Numbered,
  nodesIn,
  numbered,
  reassigned,
} from './items.ts';
import { type FirstMenu, TrayProcess } from './process.ts';
import { unusableOn } from './program.ts';
import { type Filling, fill, isClickable, type Slot, slotsFor } from './slots.ts';

export interface SystrayDeps {
  /**
   * systray2's program.
   * @throws HotdeskError `command-missing`
   */
  readonly program: () => string;
  /** What the program is started with. */
  readonly env: () => Readonly<Record<string, string | undefined>>;
}

export function systrayAdapter(deps: SystrayDeps): AdapterKind {
  return {
    name: 'systray2',
    limits: SHORT,
    unusable: async () => unusableOn(),
    open: async (options) => {
      const adapter = new SystrayAdapter(deps, deps.program(), options);
      await adapter.start();
      return adapter;
    },
  };
}

/** How many programs in a row may miss the panel: each does it once in several hundred starts. */
const MISSES = 5;

/** Who clicks on an item that stands for something else since less than this has not seen that yet, in ms. */
const UNSEEN_MS = 200;

/** A program with the pool of items that it was started with. */
interface Running {
  readonly process: TrayProcess;
  readonly slots: readonly Slot[];
  readonly numbered: readonly Numbered[];
  readonly known: Known;
  filling: Filling;
  /** When an item came to stand for something else, by performance.now(). */
  readonly reassignedAt: Map<number, number>;
  /** Whose icon and tooltip it has. */
  face: TrayView;
  /** It never found the panel, and won't. */
  missed: boolean;
}

class SystrayAdapter implements TrayAdapter {
  readonly #deps: SystrayDeps;
  readonly #program: string;
  readonly #options: AdapterOptions;
  #view: TrayView;
  #running: Running | undefined;
  /** Another program is on its way: with a larger pool, or for one that missed the panel. */
  #replaced: Promise<void> | undefined;
  #closed = false;
  #misses = 0;

  constructor(deps: SystrayDeps, program: string, options: AdapterOptions) {
    this.#deps = deps;
    this.#program = program;
    this.#options = options;
    this.#view = options.view;
  }

  async start(): Promise<void> {
    this.#running = await this.#launch(slotsFor(this.#view.menu));
    this.#mend();
  }

  show(view: TrayView): void {
    this.#view = view;
    const running = this.#running;
    // The one that is on its way will show the latest view.
    if (this.#closed || this.#replaced || !running) return;
    const { face } = running;
    running.face = view;
    if (view.icon !== face.icon || view.tooltip !== face.tooltip)
      running.process.updateFace(this.#face(view));
    const filling = fill(view.menu, running.slots);
    if (filling) send(running, filling);
    else this.#replaced = this.#replace(running);
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#replaced;
    await this.#running?.process.end();
  }

  /** Another program, with slots for all there is. The old one is shown until the new one is. */
  async #replace(old: Running): Promise<void> {
    try {
      const running = await this.#launch(slotsFor(this.#view.menu, old.slots));
      this.#running = running;
      await old.process.end();
    } catch (error) {
      if (!this.#closed) this.#options.onEnd(error instanceof Error ? error.message : String(error));
      this.#closed = true;
      await old.process.end();
    }
    this.#replaced = undefined;
    this.#mend();
    if (!this.#closed) this.show(this.#view);
  }

  /** A program that missed the panel gets another in its place: nothing comes of waiting. */
  #mend(): void {
    const running = this.#running;
    if (this.#closed || this.#replaced || !running?.missed) return;
    this.#misses += 1;
    if (this.#misses <= MISSES) this.#replaced = this.#replace(running);
    else {
      this.#exited(running, 'The program that shows the tray icon does not find the panel.');
      void running.process.end();
    }
  }

  async #launch(slots: readonly Slot[]): Promise<Running> {
    const view = this.#view;
    const filling = fill(view.menu, slots) ?? [];
    const all = numbered(slots);
    const items = firstItems(all, filling, process.platform);
    const menu = { ...this.#face(view), items };
    const started: { running?: Running; missed?: true } = {};
    const child = await TrayProcess.start(this.#program, this.#deps.env(), menu, {
      onClick: (id, meant) => {
        if (started.running) this.#click(started.running, id, meant);
      },
      onExit: (why) => this.#exited(started.running, why),
      onMissed: () => {
        started.missed = true;
        if (started.running) started.running.missed = true;
        this.#mend();
      },
    });
    const known = knownFrom(items);
    const missed = started.missed ?? false;
    const running = {
      ...{ process: child, slots, numbered: all, known, filling, face: view, missed },
      reassignedAt: new Map<number, number>(),
    };
    started.running = running;
    send(running, filling);
    return running;
  }

  /** @param meant id of the node that the program had there, which may be another by now; '' where it cannot say */
  #click({ numbered: slots, filling, reassignedAt }: Running, id: number, meant: string): void {
    const node = nodesIn(slots, filling).get(id);
    if (meant !== '' && node?.id !== meant) return;
    if (performance.now() - (reassignedAt.get(id) ?? Number.NEGATIVE_INFINITY) < UNSEEN_MS) return;
    if (isClickable(node) && node.action) this.#options.onAction(node.action);
    // A submenu that opens says so as if it were clicked.
    else if (node?.kind === 'branch') this.#options.onOpened?.();
  }

  #exited(running: Running | undefined, why: string): void {
    if (this.#closed || running !== this.#running) return;
    this.#closed = true;
    this.#options.onEnd(why);
  }

  #face({ icon, tooltip }: TrayView): Omit<FirstMenu, 'items'> {
    return { icon: this.#picture(icon), title: '', tooltip };
  }

  #picture(state: IconState): string {
    const kind = process.platform === 'win32' ? 'ico' : 'png';
    return readFileSync(this.#options.icons.file(state, kind, 48)).toString('base64');
  }
}

function send(running: Running, filling: Filling): void {
  const now = performance.now();
  for (const id of reassigned(running.numbered, running.filling, filling)) running.reassignedAt.set(id, now);
  running.filling = filling;
  const items = changes(running.numbered, filling, running.known, process.platform);
  for (const item of items) running.process.updateItem(item);
}
