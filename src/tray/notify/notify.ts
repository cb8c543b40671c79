/** Tells the user what the agent tells: as notifications, and with what is to be chosen in the menu too. */
import type { Clock } from '../../kernel/clock.ts';
import type { EventData, SeatEvent, Snapshot } from '../../protocol/api.ts';
import type { MenuAction } from '../menu/model.ts';
import type { Delivery } from './deliver.ts';
import { NOTHING_KNOWN } from './known.ts';
import type { Notice, NoticeKind } from './notice.ts';
import { type NoticeInput, notices } from './notices.ts';
import { isQuiet } from './quiet.ts';

export interface NotifySettings {
  readonly kinds: Readonly<Record<NoticeKind, boolean>>;
  /** `22:00-07:00`, or empty. */
  readonly quietHours: string;
}

/** A choice in the menu. */
export interface ChoiceItem {
  readonly subject: string;
  readonly text: string;
  readonly choices: readonly { readonly id: string; readonly label: string; readonly run: () => void }[];
}

export interface NotifyDeps {
  readonly clock: Clock;
  /** The seat that this is for. */
  seat(): string | undefined;
  settings(): Promise<NotifySettings>;
  /** The menu, where each choice stays until it is made. */
  readonly menu: { add(item: ChoiceItem): string; remove(id: string): void };
  /** Does what was chosen. */
  run(action: MenuAction): void;
  deliver(notice: Notice, onFailure: (why: string) => void): Delivery;
  /** A notification could not be shown. */
  onFailure(why: string): void;
}

export class Notify {
  readonly #deps: NotifyDeps;
  #state = NOTHING_KNOWN;
  #cancelTimer: () => void = () => {};
  /** By key: the item of the menu, and the notification on the screen. */
  readonly #open = new Map<string, { item: string; delivery: Delivery | undefined }>();
  #ended = false;

  constructor(deps: NotifyDeps) {
    this.#deps = deps;
  }

  snapshot(snapshot: Snapshot): void {
    this.#take({ kind: 'snapshot', snapshot });
  }

  seatEvent(event: SeatEvent): void {
    this.#take({ kind: 'seat', event });
  }

  sessionEnded(event: EventData<'ended'>): void {
    this.#take({ kind: 'end', event });
  }

  /** No agent answers: what the next one says first is no news. */
  lost(): void {
    this.#take({ kind: 'reset' });
  }

  end(): void {
    this.#ended = true;
    this.#cancelTimer();
    for (const { delivery } of this.#open.values()) delivery?.close();
  }

  #take(input: NoticeInput): void {
    if (this.#ended) return;
    const { clock } = this.#deps;
    const now = clock.now();
    const { state, notices: told, next } = notices(this.#state, input, now, this.#deps.seat());
    this.#state = state;
    for (const key of [...this.#open.keys()])
      if (!state.open.some((each) => each.key === key)) this.#close(key);
    for (const notice of told) this.#tell(notice);
    this.#cancelTimer();
    this.#cancelTimer =
      next === undefined
        ? () => {}
        : clock.after(Math.max(0, next - now), () => this.#take({ kind: 'tick' }));
  }

  #tell(notice: Notice): void {
    if (notice.options.length > 0) this.#offer(notice);
    void this.#isWanted(notice).then((isWanted) => {
      const open = this.#open.get(notice.key);
      if (!isWanted || this.#ended || (notice.options.length > 0 && !open)) return;
      const delivery = this.#deps.deliver(notice, (why) => this.#deps.onFailure(why));
      if (open) open.delivery = delivery;
      void delivery.chosen.then((id) => {
        // Closed, or gone by itself: nothing is decided by that.
        if (id !== undefined && this.#open.get(notice.key) === open) this.#choose(notice, id);
      });
    });
  }

  /** In the menu, whatever the settings say about notifications. */
  #offer(notice: Notice): void {
    this.#close(notice.key);
    const choices = notice.options.map(({ id, label }) => ({
      id,
      label,
      run: () => this.#choose(notice, id),
    }));
    const item = this.#deps.menu.add({ subject: notice.key, text: notice.text, choices });
    this.#open.set(notice.key, { item, delivery: undefined });
  }

  #choose(notice: Notice, id: string): void {
    const { action } = notice.options.find((option) => option.id === id) ?? {};
    this.#take({ kind: 'chosen', key: notice.key });
    if (action) this.#deps.run(action);
  }

  #close(key: string): void {
    const open = this.#open.get(key);
    if (!open) return;
    this.#open.delete(key);
    this.#deps.menu.remove(open.item);
    open.delivery?.close();
  }

  async #isWanted({ kind }: Notice): Promise<boolean> {
    try {
      const { kinds, quietHours } = await this.#deps.settings();
      return kinds[kind] && !isQuiet(quietHours, new Date(this.#deps.clock.now()));
    } catch {
      // The agent has just gone: what was to be told is true all the same.
      return true;
    }
  }
}
