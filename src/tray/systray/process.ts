/** systray2's program as a process: JSON lines both ways, a time limit on its start, its end noticed. */
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { ClickEvent } from 'systray2';
import { HotdeskError } from '../../kernel/errors.ts';
import { encodeLine } from '../../kernel/json-lines.ts';
import { sanitise } from '../../kernel/text.ts';
import type { Item } from './items.ts';

/**
 * Without a display or a library it never says that it is ready. Ticks are counted rather than the clock read:
 * both may be suspended in the middle of its start, and it then needs as long as it had left.
 */
const READY_MS = 5000;
const READY_TICKS = 10;
/** Between being told to end and being made to. */
const END_MS = 1000;
/** What it may say in one line, in characters: a click repeats its item with all that is below. */
const LINE_LIMIT = 1024 * 1024;

/**
 * The first program of GTK 3 on a display loads OpenGL to ask for its visuals, and keeps 57 MB for it. A menu
 * needs none (https://docs.gtk.org/gtk3/running.html, GDK_GL).
 */
const WITHOUT_GL = { GDK_GL: 'disable' };
/** One heap for its eight threads, which is given back (mallopt(3)): half a megabyte. */
const WITH_ONE_HEAP = {
  MALLOC_ARENA_MAX: '1',
  MALLOC_TRIM_THRESHOLD_: '65536',
  MALLOC_MMAP_THRESHOLD_: '65536',
};
/** The panel draws the menu; the program's own widgets are never seen, so there is nothing to read out. */
const WITHOUT_ACCESSIBILITY = { NO_AT_BRIDGE: '1' };

/**
 * libayatana-appindicator (0.5.92 to 0.5.94) looks for the panel and for its own connection to the bus side by
 * side. Where the panel comes first, GLib refuses the call with this word, and the icon is never registered, though
 * the program runs on (name_appeared_handler in its src/app-indicator.c).
 */
const MISSED = "g_dbus_proxy_new: assertion 'G_IS_DBUS_CONNECTION";

/** A whole menu; icons are base64 of a PNG (Windows: .ico). */
export interface FirstMenu {
  readonly icon: string;
  readonly title: string;
  readonly tooltip: string;
  readonly items: readonly Item[];
}

export interface TrayProcessEvents {
  /** Number of the clicked item, and its tooltip as the program had it then. */
  readonly onClick: (id: number, tooltip: string) => void;
  /** It ended without having been told to. */
  readonly onExit: (why: string) => void;
  /** It runs, and its icon will never be shown. Called once; may come before the start is done. */
  readonly onMissed: () => void;
}

export class TrayProcess {
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #events: TrayProcessEvents;
  readonly #exited: Promise<string>;
  #said = '';
  #line = '';
  #isReady: (() => void) | undefined;
  #ending = false;
  #missed = false;

  private constructor(child: ChildProcessWithoutNullStreams, events: TrayProcessEvents, scratch: string) {
    this.#child = child;
    this.#events = events;
    const exited = new Promise<string>((resolve) => {
      child.once('error', (error) => resolve(error.message));
      child.once('exit', (code, signal) => resolve(signal ?? `code ${code}`));
    });
    this.#exited = exited.then((how) => {
      rmSync(scratch, { recursive: true, force: true });
      return how;
    });
    child.stdin.on('error', () => {});
    child.stderr.on('data', (chunk: Buffer) => this.#complain(chunk.toString('utf8')));
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => this.#receive(chunk));
  }

  /**
   * Starts the program and gives it its menu.
   * @throws HotdeskError `viewer-failed`: it does not run here (a library, the display)
   */
  static async start(
    program: string,
    env: Readonly<Record<string, string | undefined>>,
    menu: FirstMenu,
    events: TrayProcessEvents,
  ): Promise<TrayProcess> {
    // It keeps each icon in a file, and leaves the last one when it is killed.
    const scratch = mkdtempSync(join(tmpdir(), 'hotdesk-tray-'));
    bareTheme(scratch);
    // The program is named by its whole path, and nothing in the current folder can take its place.
    const child = spawn(program, [], {
      cwd: dirname(program),
      env: {
        ...env,
        ...WITHOUT_GL,
        ...WITHOUT_ACCESSIBILITY,
        ...WITH_ONE_HEAP,
        ...withBareTheme(scratch),
        TMPDIR: scratch,
      },
      windowsHide: true,
    });
    const started = new TrayProcess(child, events, scratch);
    await started.#ready();
    started.#write(menu);
    void started.#exited.then((how) => {
      if (!started.#ending) events.onExit(started.#reason(how));
    });
    return started;
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  updateItem(item: Item): void {
    // Without -1 the program would take the number for a position, and no number for the first.
    this.#write({ type: 'update-item', item, seq_id: -1 });
  }

  /** Icon and tooltip. Items do not change by this. */
  updateFace(face: Omit<FirstMenu, 'items'>): void {
    this.#write({ type: 'update-menu', menu: { ...face, items: [] } });
  }

  async end(): Promise<void> {
    if (!this.#ending) {
      this.#ending = true;
      this.#write({ type: 'exit' });
      this.#child.stdin.end();
    }
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), END_MS);
    await this.#exited;
    clearTimeout(timer);
  }

  async #ready(): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<string>((resolve) => {
      // After a suspend its word may be waiting to be read.
      const giveUp = () => setImmediate(() => resolve(`nothing for ${READY_MS / 1000} s`));
      let ticks = 0;
      timer = setInterval(() => {
        ticks += 1;
        if (ticks === READY_TICKS) giveUp();
      }, READY_MS / READY_TICKS);
    });
    const ready = new Promise<undefined>((resolve) => {
      this.#isReady = () => resolve(undefined);
    });
    const failed = await Promise.race([ready, this.#exited, late]);
    clearInterval(timer);
    if (failed === undefined) return;
    this.#ending = true;
    this.#child.kill('SIGKILL');
    throw new HotdeskError('viewer-failed', this.#reason(failed), {
      hint: 'It needs GTK 3 and libayatana-appindicator3-1. Or: `hotdesk config set tray.backend sni`.',
    });
  }

  #receive(chunk: string): void {
    const lines = `${this.#line}${chunk}`.split('\n');
    this.#line = (lines.pop() ?? '').slice(-LINE_LIMIT);
    for (const line of lines) {
      const { type, __id: id, item } = parsed(line);
      if (type === 'ready') this.#isReady?.();
      else if (type === 'clicked' && typeof id === 'number') this.#events.onClick(id, item?.tooltip ?? '');
    }
  }

  #complain(chunk: string): void {
    this.#said = `${this.#said}${chunk}`.slice(-2000);
    if (this.#missed || !this.#said.includes(MISSED)) return;
    this.#missed = true;
    this.#events.onMissed();
  }

  #write(message: object): void {
    if (this.#child.stdin.writable) this.#child.stdin.write(encodeLine(message));
  }

  #reason(how: string): string {
    const said = sanitise(this.#said.trim().split('\n').at(-1) ?? '');
    return `The program that shows the tray icon ended (${how})${said ? `: ${said}` : ''}.`;
  }
}

/** On a signal it says a word that is no JSON. */
function parsed(line: string): { readonly type?: unknown } & Partial<Pick<ClickEvent, '__id' | 'item'>> {
  try {
    return (JSON.parse(line) as object | null) ?? {};
  } catch {
    return {};
  }
}

const THEME = 'hotdesk-bare';

/**
 * A theme without a word. What the program draws with GTK is never seen, and reading the usual theme, the
 * icons' and the types of files keeps 3 MB (https://docs.gtk.org/gtk3/running.html, GTK_THEME).
 */
function bareTheme(folder: string): void {
  const theme = join(folder, 'themes', THEME, 'gtk-3.0');
  mkdirSync(theme, { recursive: true });
  writeFileSync(join(theme, 'gtk.css'), '');
}

const withBareTheme = (folder: string) => ({
  GTK_THEME: THEME,
  XDG_DATA_HOME: folder,
  XDG_DATA_DIRS: folder,
});
