/** `hotdesk list --watch`: the list again after every change, until Ctrl-C. */
import { EXIT } from '../kernel/errors.ts';
import { fit as clip, displayWidth } from '../kernel/text.ts';
import type { Snapshot } from '../protocol/api.ts';
import { sessionJson } from './as-json.ts';
import { emptyNote, listLines, listNotes, sorted } from './list-table.ts';
import type { Run } from './shell.ts';
import { render, type Span } from './style.ts';

/** Ages are redrawn this often, in ms. */
const REDRAW_MS = 10_000;

/**
 * Ends with exit code 130 by Ctrl-C, as any command that is stopped does.
 * @throws HotdeskError `connection-lost` when the agent goes away
 */
export async function watch(run: Run, narrow: (snapshot: Snapshot) => Snapshot): Promise<void> {
  try {
    await follow(run, narrow);
  } catch (error) {
    if (!run.interrupt.signal.aborted) throw error;
    run.shell.exitCode = EXIT.cancelled;
  }
}

async function follow(run: Run, narrow: (snapshot: Snapshot) => Snapshot): Promise<void> {
  const client = await run.connect();
  const { signal } = run.interrupt;
  const view = viewFor(run);
  let latest: Snapshot | undefined;
  await new Promise<void>((_, reject) => {
    const timer = setInterval(() => latest && view(latest), REDRAW_MS);
    const stop = (error: unknown) => {
      clearInterval(timer);
      reject(error);
    };
    const show = (snapshot: Snapshot) => {
      try {
        latest = narrow(snapshot);
        view(latest);
      } catch (error) {
        stop(error);
      }
    };
    signal.addEventListener('abort', () => stop(signal.reason), { once: true });
    client.onClose(stop);
    client.on('catalogue', show);
    // An event that came together with the reply is newer than it, and is shown before it.
    client.call('subscribe', {}).then((snapshot) => latest ?? show(snapshot), stop);
    // Wakes the hosts that nobody has asked yet; their answers come as events.
    client.call('catalogue', { look: 'auto', waitMs: 0 }).catch(stop);
  });
}

type View = (snapshot: Snapshot) => void;

function viewFor(run: Run): View {
  if (run.console.flags.json) return unlessSame(jsonView(run));
  const { stdout } = run.shell.streams;
  return stdout.isTTY ? screenView(run) : unlessSame(plainView(run));
}

/** Skips a view whose text is the one before. */
function unlessSame(view: (snapshot: Snapshot) => { text: string; write(): void }): View {
  let before: string | undefined;
  return (snapshot) => {
    const { text, write } = view(snapshot);
    if (text === before) return;
    before = text;
    write();
  };
}

function jsonView(run: Run) {
  return (snapshot: Snapshot) => {
    const sessions = sorted(snapshot).map((session) => sessionJson(session, snapshot));
    return { text: JSON.stringify(sessions), write: () => run.console.jsonLine({ sessions }) };
  };
}

function linesOf(run: Run, snapshot: Snapshot): Span[][] {
  const sessions = sorted(snapshot);
  if (sessions.length === 0) return [[emptyNote(snapshot)]];
  return listLines(sessions, snapshot, Date.now() / 1000, run.console.width);
}

/** For a file or pipe: a table a change, an empty line between them. Ages alone are no change. */
function plainView(run: Run) {
  let isFirst = true;
  return (snapshot: Snapshot) => ({
    text: JSON.stringify(sorted(snapshot).map((session) => sessionJson(session, snapshot))),
    write: () => {
      if (!isFirst) run.console.print();
      isFirst = false;
      run.console.lines(linesOf(run, snapshot));
    },
  });
}

/** For a terminal: drawn over what was drawn before. */
function screenView(run: Run): View {
  const { stdout } = run.shell.streams;
  let drawn = 0;
  return (snapshot) => {
    const notes = listNotes(snapshot).map((text): Span[] => [{ text, style: 'yellow' }]);
    const room = Math.max(2, (stdout.rows || 24) - 1);
    const lines = clipped([...linesOf(run, snapshot), ...notes], room);
    const up = drawn > 0 ? `\x1b[${drawn}A` : '';
    // Each line is cleared before it is written (EL), what is left below at the end (ED).
    const text = lines.map(
      (line) => `\x1b[2K${render(cut(line, run.console.width), run.console.colourful)}\n`,
    );
    stdout.write(`${up}\r${text.join('')}\x1b[0J`);
    drawn = lines.length;
  };
}

/** A line that wraps would take two rows and spoil the way back up. */
function cut(line: readonly Span[], width: number): readonly Span[] {
  const plain = line.map((span) => (typeof span === 'string' ? span : span.text)).join('');
  return displayWidth(plain) <= width ? line : [clip(plain, width)];
}

function clipped(lines: Span[][], room: number): Span[][] {
  if (lines.length <= room) return lines;
  return [...lines.slice(0, room - 1), [{ text: `… ${lines.length - room + 1} more`, style: 'dim' }]];
}
