/** What shows the tray's icon and menu. Everything above it is the same for every desktop. */
import type { IconSet } from './icons.ts';
import type { MenuAction, MenuLimits, TrayView } from './menu/model.ts';

export interface AdapterOptions {
  /** What is shown first. */
  readonly view: TrayView;
  readonly icons: IconSet;
  /** An item was clicked. */
  readonly onAction: (action: MenuAction) => void;
  /** Somebody looks at the menu: now is the time to ask for what may be old. */
  readonly onOpened?: () => void;
  /** It is gone without having been closed. Called once, and not after `close`. */
  readonly onEnd: (why: string) => void;
}

export interface TrayAdapter {
  /** Shows another view. The last one wins; the same one again costs nothing. */
  show(view: TrayView): void;
  close(): Promise<void>;
}

export interface AdapterKind {
  readonly name: 'systray2' | 'sni';
  /** How long its lists may be. */
  readonly limits: MenuLimits;
  /** Why it cannot run on this machine; undefined: it can. */
  unusable(): Promise<string | undefined>;
  /** @throws HotdeskError when nothing could be shown */
  open(options: AdapterOptions): Promise<TrayAdapter>;
}
