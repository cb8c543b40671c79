/** Icon and menu by systray2's program. What it cannot do is worked around here: see its neighbours. */
import { readFileSync } from 'node:fs';
import type { AdapterKind, AdapterOptions, TrayAdapter } from '../adapter.ts';
import { type IconState, SHORT, type TrayView } from '../menu/model.ts';
import { changes, firstItems, type Known, knownFrom, type Numbered, nodesIn, numbered } from './items.ts';
import { type FirstMenu, TrayProcess } from './process.ts';
import { runnable, unusableOn } from './program.ts';
import { type Filling, fill, isClickable, type Slot, slotsFor } from './slots.ts';

export interface SystrayDeps {
  /** Where a copy of the program may be kept. */
  readonly cacheDir: string;
  /** What the program is started with. */
  readonly env: () => Readonly<Record<string, string | undefined>>;
}

export function systrayAdapter(deps: SystrayDeps): AdapterKind {
  return {
    name: 'systray2',
    limits: SHORT,
    unusable: async () => unusableOn(),
    open: async (options) => {
      const adapter = new SystrayAdapter(deps, runnable(deps.cacheDir), options);
      await adapter.start();
      return adapter;
    },
  };
}

/** A program with the pool of items that it was started with. */
interface Running {
  readonly process: TrayProcess;
  readonly slots: readonly Slot[];
  readonly numbered: readonly Numbered[];
  readonly known: Known;
  filling: Filling;
}

class SystrayAdapter implements TrayAdapter {
  readonly #deps: SystrayDeps;
  readonly #program: string;
  readonly #options: AdapterOptions;
  #view: TrayView;
  #running: Running | undefined;
  /** A program with a larger pool is on its way. */
  #growing: Promise<void> | undefined;
  #closed = false;

  constructor(deps: SystrayDeps, program: string, options: AdapterOptions) {
    this.#deps = deps;
    this.#program = program;
    this.#options = options;
    this.#view = options.view;
  }

  async start(): Promise<void> {
    this.#running = await this.#launch(slotsFor(this.#view.menu));
  }

  show(view: TrayView): void {
    const before = this.#view;
    this.#view = view;
    const running = this.#running;
    // The one that is on its way will show the latest view.
    if (this.#closed || this.#growing || !running) return;
    if (view.icon !== before.icon || view.tooltip !== before.tooltip)
      running.process.updateFace(this.#face(view));
    const filling = fill(view.menu, running.slots);
    if (filling) send(running, filling);
    else this.#growing = this.#grow(running);
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#growing;
    await this.#running?.process.end();
  }

  /** Another program with more slots. The old one is shown until the new one is. */
  async #grow(old: Running): Promise<void> {
    try {
      const running = await this.#launch(slotsFor(this.#view.menu, old.slots));
      this.#running = running;
      await old.process.end();
    } catch (error) {
      if (!this.#closed) this.#options.onEnd(error instanceof Error ? error.message : String(error));
      this.#closed = true;
      await old.process.end();
    }
    this.#growing = undefined;
    if (!this.#closed) this.show(this.#view);
  }

  async #launch(slots: readonly Slot[]): Promise<Running> {
    const view = this.#view;
    const filling = fill(view.menu, slots) ?? [];
    const all = numbered(slots);
    const items = firstItems(all, filling, process.platform);
    const menu = { ...this.#face(view), items };
    const started: { running?: Running } = {};
    const child = await TrayProcess.start(this.#program, this.#deps.env(), menu, {
      onClick: (id) => {
        if (started.running) this.#click(started.running, id);
      },
      onExit: (why) => this.#exited(started.running, why),
    });
    const running = { process: child, slots, numbered: all, known: knownFrom(items), filling };
    started.running = running;
    send(running, filling);
    return running;
  }

  #click({ numbered: slots, filling }: Running, id: number): void {
    const node = nodesIn(slots, filling).get(id);
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
  running.filling = filling;
  const items = changes(running.numbered, filling, running.known, process.platform);
  for (const item of items) running.process.updateItem(item);
}
