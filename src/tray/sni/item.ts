/** The icon as an object on the bus: org.kde.StatusNotifierItem (freedesktop.org's draft of it). Pure. */
import type { IconSet } from '../icons.ts';
import type { TrayView } from '../menu/model.ts';
import type { Properties } from './encode.ts';
import { MENU_PATH } from './menu.ts';

export const ITEM_PATH = '/StatusNotifierItem';
export const ITEM_INTERFACE = 'org.kde.StatusNotifierItem';

/** Icons go by name: nothing has to be drawn here, and a panel of any scale finds its size. */
export function itemProperties(view: TrayView, icons: IconSet): Properties {
  const icon = icons.name(view.icon);
  return [
    ['Category', ['s', 'ApplicationStatus']],
    ['Id', ['s', 'hotdesk']],
    ['Title', ['s', 'hotdesk']],
    ['Status', ['s', statusOf(view)]],
    ['WindowId', ['i', 0]],
    ['IconThemePath', ['s', icons.theme]],
    ['IconName', ['s', icon]],
    ['IconPixmap', ['a(iiay)', []]],
    ['OverlayIconName', ['s', '']],
    ['OverlayIconPixmap', ['a(iiay)', []]],
    ['AttentionIconName', ['s', icon]],
    ['AttentionIconPixmap', ['a(iiay)', []]],
    ['AttentionMovieName', ['s', '']],
    ['ToolTip', ['(sa(iiay)ss)', ['', [], escapeMarkup(view.tooltip), '']]],
    ['ItemIsMenu', ['b', true]],
    ['Menu', ['o', MENU_PATH]],
  ];
}

/** A panel that hides quiet icons shows the one that needs attention. */
export function statusOf(view: TrayView): 'NeedsAttention' | 'Active' {
  return view.icon === 'attention' ? 'NeedsAttention' : 'Active';
}

/** Tooltips may have markup; a title from elsewhere must not. */
export function escapeMarkup(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
