/** From all that is known to what the tray shows. Pure: the same input gives the same view. */
import { sanitise } from '../../kernel/text.ts';
import type { HostSession } from '../../model/session.ts';
import type { Snapshot } from '../../protocol/api.ts';
import { type SortedSessions, sortSessions } from '../../protocol/excerpt.ts';
import { hostItems } from './hosts.ts';
import type { MenuInput, Notice } from './input.ts';
import { branch, confirmed, cut, distinct, leaf, line } from './items.ts';
import type { IconState, Menu, MenuAction, MenuLimits, MenuNode, MenuSeparator, TrayView } from './model.ts';
import { sessionItems } from './sessions.ts';

/** More than so many at once are asked about. */
const MANY = 8;

export function viewOf(input: MenuInput, limits: MenuLimits): TrayView {
  const { snapshot } = input;
  const sorted = snapshot && sortSessions(snapshot);
  return {
    icon: iconOf(input),
    tooltip: tooltipOf(input, sorted),
    menu: snapshot && sorted ? whole({ ...input, snapshot }, sorted, limits) : offline(input, limits),
  };
}

/** Sessions that “Bring all here” brings. */
export function toBring(input: MenuInput, sorted: SortedSessions): HostSession[] {
  const able = (s: HostSession) =>
    s.state === 'live' && (input.can.get(s.backend) ?? []).includes('attach') && input.seat !== undefined;
  return [...sorted.detached, ...sorted.elsewhere].filter(able);
}

/** Sessions that “Detach all here” detaches. */
export function toDetach(input: MenuInput, sorted: SortedSessions): HostSession[] {
  return sorted.here.filter((s) => (input.can.get(s.backend) ?? []).includes('detach'));
}

function iconOf({ snapshot, notices }: MenuInput): IconState {
  if (notices.length > 0) return 'attention';
  if (!snapshot) return 'offline';
  return snapshot.sessions.length > 0 ? 'sessions' : 'idle';
}

function tooltipOf(input: MenuInput, sorted: SortedSessions | undefined): string {
  const first = input.notices[0];
  if (first) return `hotdesk: ${sanitise(first.text)}`;
  if (!sorted) return `hotdesk: ${sanitise(input.problem ?? 'no agent answers')}`;
  const { detached, elsewhere, here } = countsOf(input, sorted);
  const total = detached + elsewhere + here;
  if (total === 0) return 'hotdesk: no sessions';
  return `hotdesk: ${total} session${total === 1 ? '' : 's'}, ${here} shown here`;
}

function countsOf({ snapshot }: MenuInput, { detached, elsewhere, here }: SortedSessions) {
  return snapshot?.totals ?? { detached: detached.length, elsewhere: elsewhere.length, here: here.length };
}

const separator = (id: string): MenuSeparator => ({ kind: 'separator', id: `separator/${id}` });

const QUIT: MenuNode = leaf('quit', 'Quit', { do: 'quit' });

function offline(input: MenuInput, limits: MenuLimits): Menu {
  return [
    ...noticeItems(input.notices, limits),
    line('problem', input.problem ?? 'No agent answers.'),
    leaf('start-agent', 'Start the agent', { do: 'start-agent' }),
    separator('end'),
    QUIT,
  ];
}

function whole(
  input: MenuInput & { readonly snapshot: Snapshot },
  sorted: SortedSessions,
  limits: MenuLimits,
): Menu {
  // Of those that are not among the rows it is not known what they can: they are counted in.
  const counts = countsOf(input, sorted);
  const unseen = counts.detached + counts.elsewhere - sorted.detached.length - sorted.elsewhere.length;
  const bring = toBring(input, sorted).length + (input.seat === undefined ? 0 : unseen);
  const detach = toDetach(input, sorted).length + counts.here - sorted.here.length;
  return [
    ...noticeItems(input.notices, limits),
    ...sessionItems(input, sorted, limits),
    separator('hosts'),
    ...hostItems(input, limits),
    separator('all'),
    allItem('bring-all', 'Bring all here', bring),
    allItem('detach-all', 'Detach all here', detach),
    separator('end'),
    leaf('list', 'Open terminal list', { do: 'show-list' }),
    leaf('settings', 'Preferences', { do: 'show-settings' }),
    QUIT,
  ];
}

function allItem(id: 'bring-all' | 'detach-all', text: string, count: number): MenuNode {
  const action: MenuAction = { do: id };
  if (count === 0) return line(id, text);
  const counted = `${text} (${count})`;
  return count > MANY ? confirmed(id, counted, `Yes, all ${count}`, action) : leaf(id, counted, action);
}

function noticeItems(notices: readonly Notice[], limits: MenuLimits): (MenuNode | MenuSeparator)[] {
  if (notices.length === 0) return [];
  const items = cut(
    distinct(notices, ({ id }) => id),
    limits.notices,
    noticeItem,
    (left) => line('more-notices', `${left} more`),
  );
  return [...items, separator('notices')];
}

function noticeItem({ id, text, choices }: Notice): MenuNode {
  const item = `notice/${id}`;
  if (choices.length === 0)
    return leaf(
      item,
      text,
      { do: 'answer', notice: id, choice: 'read' },
      { icon: 'dialog-information-symbolic' },
    );
  const answers = choices.map((choice) =>
    leaf(`${item}/${choice.id}`, choice.label, { do: 'answer', notice: id, choice: choice.id }),
  );
  return branch(item, text, answers, 'dialog-information-symbolic');
}
