/** The object that a panel reads the menu from: com.canonical.dbusmenu. */
import type { BusAnswer, IncomingCall, ServingBus } from '../../kernel/bus.ts';
import type { AdapterOptions } from '../adapter.ts';
import type { Menu, MenuAction, MenuNode, MenuSeparator } from '../menu/model.ts';
import { changeOf } from './diff.ts';
import { layoutOf, type Properties, propertiesOf, ROOT_PROPERTIES, type Variant } from './encode.ts';
import { Numbers, ROOT } from './numbers.ts';

export const MENU_PATH = '/MenuBar';
export const MENU_INTERFACE = 'com.canonical.dbusmenu';

/** Of the protocol. */
const VERSION = 3;

export class BusMenu {
  readonly #bus: Pick<ServingBus, 'emit'>;
  readonly #onAction: (action: MenuAction) => void;
  readonly #onOpened: () => void;
  readonly #numbers = new Numbers();
  #menu: Menu = [];
  /** By number. */
  #nodes = new Map<number, MenuNode | MenuSeparator>();
  #revision = 1;

  constructor(
    bus: Pick<ServingBus, 'emit'>,
    menu: Menu,
    { onAction, onOpened }: Pick<AdapterOptions, 'onAction' | 'onOpened'>,
  ) {
    this.#bus = bus;
    this.#onAction = onAction;
    this.#onOpened = onOpened ?? (() => {});
    this.#take(menu);
  }

  show(menu: Menu): void {
    const { layouts, updates } = changeOf(this.#menu, menu);
    this.#take(menu);
    if (updates.length > 0) {
      const told = updates.map(({ id, properties }) => [this.#numbers.of(id), properties]);
      this.#emit('ItemsPropertiesUpdated', 'a(ia{sv})a(ias)', [told, []]);
    }
    if (layouts.length > 0) this.#revision += 1;
    for (const id of layouts) {
      this.#emit('LayoutUpdated', 'ui', [this.#revision, id === undefined ? ROOT : this.#numbers.of(id)]);
    }
  }

  /** Undefined: no such method. @throws Error for what a caller must not ask */
  answer({ member, body }: IncomingCall): BusAnswer | undefined {
    switch (member) {
      case 'GetLayout':
        return this.#layout(Number(body[0]), Number(body[1]));
      case 'GetGroupProperties':
        return { signature: 'a(ia{sv})', body: [this.#group(body[0])] };
      case 'GetProperty':
        return { signature: 'v', body: [this.#property(Number(body[0]), String(body[1]))] };
      case 'Event':
        this.#event(Number(body[0]), body[1]);
        return {};
      case 'EventGroup':
        for (const each of listOf(body[0])) if (Array.isArray(each)) this.#event(Number(each[0]), each[1]);
        return { signature: 'ai', body: [[]] };
      case 'AboutToShow':
        // It is always as it should be.
        if (Number(body[0]) === ROOT) this.#onOpened();
        return { signature: 'b', body: [false] };
      case 'AboutToShowGroup':
        return { signature: 'aiai', body: [[], []] };
      default:
        return undefined;
    }
  }

  get properties(): Properties {
    return [
      ['Version', ['u', VERSION]],
      ['TextDirection', ['s', 'ltr']],
      ['Status', ['s', 'normal']],
      ['IconThemePath', ['as', []]],
    ];
  }

  #take(menu: Menu): void {
    this.#menu = menu;
    this.#numbers.keep(menu);
    this.#nodes = new Map();
    const visit = (nodes: Menu) => {
      for (const node of nodes) {
        this.#nodes.set(this.#numbers.of(node.id), node);
        if (node.kind === 'branch') visit(node.children);
      }
    };
    visit(menu);
  }

  #layout(id: number, depth: number): BusAnswer {
    const node = this.#nodes.get(id);
    if (id !== ROOT && !node) throw new Error(`There is no item ${id}.`);
    const below = node
      ? { id, properties: propertiesOf(node), children: node.kind === 'branch' ? node.children : [] }
      : { id: ROOT, properties: ROOT_PROPERTIES, children: this.#menu };
    const layout = layoutOf(below, depth, (each) => this.#numbers.of(each));
    return { signature: 'u(ia{sv}av)', body: [this.#revision, layout] };
  }

  #group(ids: unknown): (readonly [number, Properties])[] {
    const wanted = listOf(ids).map(Number);
    const all = wanted.length > 0 ? wanted : [ROOT, ...this.#nodes.keys()];
    return all.flatMap((id) => {
      const node = this.#nodes.get(id);
      if (node) return [[id, propertiesOf(node)] as const];
      return id === ROOT ? [[ROOT, ROOT_PROPERTIES] as const] : [];
    });
  }

  #property(id: number, name: string): Variant {
    const node = this.#nodes.get(id);
    const found = node && new Map(propertiesOf(node)).get(name);
    if (!found) throw new Error(`Item ${id} has no ${name}.`);
    return found;
  }

  /** A click on what is gone, or cannot be clicked, is none. */
  #event(id: number, event: unknown): void {
    const node = this.#nodes.get(id);
    if (event === 'opened') this.#onOpened();
    if (event !== 'clicked' || node?.kind !== 'leaf' || !node.enabled || !node.action) return;
    this.#onAction(node.action);
  }

  #emit(member: string, signature: string, body: readonly unknown[]): void {
    this.#bus.emit({ path: MENU_PATH, interface: MENU_INTERFACE, member, signature, body });
  }
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}
