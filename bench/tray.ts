/** The tray, as its process: against an agent that says what it is told to, and a panel that only reads. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Snapshot } from '../src/protocol/api.ts';
import { excerptOf } from '../src/protocol/excerpt.ts';
import { sample } from '../test/cli/samples.ts';
import { type FakeAgent, fakeAgent } from '../test/client/fake-agent.ts';
import { TestBus } from '../test/rigs/bus.ts';
import { FakePanel } from '../test/rigs/panel/fake-panel.ts';
import { itemAt, SEEN_MS } from '../test/rigs/panel/menu-reader.ts';
import { until } from '../test/rigs/until.ts';
import { type Display, startXvfb } from '../test/rigs/xvfb.ts';
import { ALL, many, session } from '../test/tray/samples.ts';
import { type Benchmark, type BenchmarkOptions, type Bound, type Row, repeat } from './benchmark.ts';

type Kind = 'systray2' | 'sni';
const KINDS: readonly Kind[] = ['systray2', 'sni'];
const HOTDESK = fileURLToPath(new URL('../bin/hotdesk.js', import.meta.url));
/** Clock ticks a second of /proc/PID/stat (proc_pid_stat(5)). */
const HERTZ = 100;
/** The longest that anything takes before it is given up, in ms. */
const LIMIT_MS = 30_000;
const AT_MOST = { hosts: 40, sessions: 40 };

const MEASURES = {
  icon: 'tray: process start → icon in the panel',
  session: 'tray: session in the catalogue → in the menu',
  click: 'tray: click → the agent is asked',
  large: 'tray, 200 hosts of 20 sessions: process start → whole menu',
  cpu: 'tray, 200 hosts of 20 sessions: CPU of one update',
  rss: 'tray, 200 hosts of 20 sessions: resident memory with its helper',
  growth: 'tray: growth over 10,000 catalogue events',
  idle: 'tray, idle: CPU of one core',
} as const;
type Measure = keyof typeof MEASURES;

const BOUNDS: Readonly<Record<Measure, readonly [unit: Row['unit'], bound: number]>> = {
  icon: ['ms', 500],
  session: ['ms', 300],
  click: ['ms', 50],
  large: ['ms', 1000],
  cpu: ['ms', 50],
  rss: ['MB', 75],
  growth: ['MB', 2],
  idle: ['%', 0.05],
};

const nameOf = (measure: Measure, kind: Kind) => `${MEASURES[measure]} (${kind})`;

export const tray: Benchmark = {
  name: 'tray',
  measures: KINDS.flatMap((kind) =>
    (Object.keys(MEASURES) as Measure[]).map((measure) => nameOf(measure, kind)),
  ),
  async run(options) {
    const display = await startXvfb();
    // One home for all: GTK's first start in a home makes a cache of the fonts.
    const home = mkdtempSync(path.join(tmpdir(), 'hotdesk-bench-tray-'));
    try {
      const rows: Row[] = [];
      for (const kind of KINDS) rows.push(...(await measureKind(kind, { display, home }, options)));
      return rows;
    } finally {
      await display.end();
      rmSync(home, { recursive: true, force: true });
    }
  },
};

interface Place {
  readonly display: Display;
  readonly home: string;
}

async function measureKind(kind: Kind, place: Place, options: BenchmarkOptions): Promise<Row[]> {
  const { say, quick } = options;
  const rows: Row[] = [];
  const add = (measure: Measure, ours: readonly number[], ...notes: readonly string[]) => {
    const [unit, value] = BOUNDS[measure];
    const bound: Bound = { kind: 'at-most', value };
    rows.push({ measure: nameOf(measure, kind), peer: '–', unit, ours, theirs: [], bound, notes });
    say(`${measure} (${kind}): ${ours.map((each) => each.toPrecision(4)).join(' ')}`);
  };
  const each = (work: () => Promise<number>) => repeat({ ...options, say: () => {} }, work);

  // What a first start leaves behind is there.
  await (await Desk.start(kind, place, sample())).during(() => sleep(1000));
  const small = await Desk.start(kind, place, sample());
  const [icon, idle, sessions, clicks] = await small.during(async () => {
    const times = await each(async () => {
      await small.stopTray();
      return small.startTray();
    });
    const appears = await each(() => small.appears());
    const asked = await each(() => small.click());
    return [times, [await small.idle(quick ? 5 : 30)], appears, asked] as const;
  });
  add('icon', icon, 'From the spawn of the command to the registration of the icon; an agent runs.');
  add('session', sessions, 'Until the panel reads the session in the menu.');
  add('click', clicks, 'From the event of the panel to the request at the agent’s socket.');
  add('idle', idle, `Over ${quick ? 5 : 30} s, with its helper.`);

  const large = await Desk.start(kind, place, many(200, 20));
  const [first, cpu, rss, growth] = await large.during(async () => {
    const starts = await each(async () => {
      await large.stopTray();
      return large.wholeMenu();
    });
    const one = await large.cpuOfUpdates(quick ? 20 : 100);
    await large.quiet();
    const memory = large.memory();
    const grown = await large.growth(quick ? 1000 : 10_000);
    return [starts, [one], [memory], [grown]] as const;
  });
  add('large', first);
  add('cpu', cpu, 'With its helper. The agent sends the first 40 rows of each kind.');
  add('rss', rss, 'After a quiet moment. Shared pages of Node and GTK are counted in each process.');
  add('growth', growth, 'After as many again as a warm-up, both after a quiet moment.');
  return rows;
}

/** An agent, a panel, and the tray between them. */
class Desk {
  readonly #kind: Kind;
  readonly #place: Place;
  readonly #bus: TestBus;
  readonly #panel: FakePanel;
  readonly #agent: FakeAgent;
  #snapshot: Snapshot;
  #tray: ChildProcess | undefined;
  #count = 0;

  private constructor(parts: {
    kind: Kind;
    place: Place;
    bus: TestBus;
    panel: FakePanel;
    agent: FakeAgent;
    snapshot: Snapshot;
  }) {
    this.#kind = parts.kind;
    this.#place = parts.place;
    this.#bus = parts.bus;
    this.#panel = parts.panel;
    this.#agent = parts.agent;
    this.#snapshot = parts.snapshot;
  }

  static async start(kind: Kind, place: Place, snapshot: Snapshot): Promise<Desk> {
    const bus = await TestBus.start();
    const panel = await FakePanel.start(bus.address);
    const made: { desk?: Desk } = {};
    const agent = await fakeAgent({ answer: ({ method }) => made.desk?.answer(method) });
    made.desk = new Desk({ kind, place, bus, panel, agent, snapshot });
    return made.desk;
  }

  async during<T>(work: () => Promise<T>): Promise<T> {
    try {
      await this.startTray();
      return await work();
    } finally {
      await this.stopTray();
      await this.#agent.close();
      this.#panel.close();
      await this.#bus.end();
    }
  }

  answer(method: string): unknown {
    switch (method) {
      case 'subscribe':
        return excerptOf(this.#snapshot, AT_MOST);
      case 'profiles.list':
        return {
          profiles: ['xpra', 'tmux'].map((name) => ({
            name,
            can: ALL,
            kinds: [name === 'tmux' ? 'terminal' : 'app'],
          })),
        };
      case 'config.list':
        return { path: '', settings: [{ key: 'tray', value: { backend: this.#kind, panel: 'dark' } }] };
      // One that is no answer is a failure, which the menu tells, by another program.
      case 'attach':
        return { session: this.#snapshot.sessions.find(({ name }) => name === 'build') };
      case 'apps.list':
        return { revision: '1', applications: [] };
      default:
        return {};
    }
  }

  /** @returns ms until the icon is there */
  async startTray(): Promise<number> {
    const began = performance.now();
    this.#tray = spawn(process.execPath, [HOTDESK, 'tray'], {
      stdio: 'ignore',
      env: {
        PATH: process.env.PATH,
        HOME: this.#place.home,
        LANG: 'C.UTF-8',
        DISPLAY: this.#place.display.name,
        DBUS_SESSION_BUS_ADDRESS: this.#bus.address,
        HOTDESK_RUNTIME_DIR: this.#agent.paths.runtimeDir,
      },
    });
    const icon = await this.#panel.icon();
    return icon.at - began;
  }

  async stopTray(): Promise<void> {
    const tray = this.#tray;
    if (!tray || tray.exitCode !== null) return;
    const ended = once(tray, 'exit');
    tray.kill('SIGTERM');
    await ended;
    await until('the icon is gone', () => this.#panel.icons.length === 0);
  }

  async wholeMenu(): Promise<number> {
    const began = performance.now();
    await this.startTray();
    await this.#reads('More…');
    return performance.now() - began;
  }

  /** ms until a session that the agent tells of can be read in the menu. */
  async appears(): Promise<number> {
    this.#count += 1;
    const name = `new ${this.#count}`;
    const came = session(name, 'alpha', {
      localId: `new${this.#count}`,
      startedAt: 2_000_000_000 + this.#count,
    });
    // One goes as one comes: the menu stays as long as it is.
    const others = this.#snapshot.sessions.filter((each) => !each.name.startsWith('new '));
    this.#snapshot = { ...this.#snapshot, sessions: [...others, came] };
    const began = performance.now();
    this.#tell();
    await this.#reads(name);
    return performance.now() - began;
  }

  async click(): Promise<number> {
    const menu = await this.#panel.menu();
    // An item that has just become another's is deaf for as long as nobody can have seen that it has.
    await sleep(SEEN_MS);
    const item = itemAt(await menu.read(), 'build', 'Open here');
    const before = this.#agent.received.length;
    const began = performance.now();
    const clicked = menu.click(item);
    while (!this.#agent.received.slice(before).some(({ method }) => method === 'attach')) {
      if (performance.now() - began > LIMIT_MS) throw new Error('A click came to nothing.');
      await new Promise((resolve) => setImmediate(resolve));
    }
    const ms = performance.now() - began;
    await clicked;
    return ms;
  }

  /** ms of CPU for one session that changes. */
  async cpuOfUpdates(count: number): Promise<number> {
    const before = this.#ticks();
    for (let n = 0; n < count; n += 1) {
      this.#touch(n);
      this.#tell();
      await sleep(50);
    }
    await sleep(300);
    return (((this.#ticks() - before) / HERTZ) * 1000) / count;
  }

  async idle(seconds: number): Promise<number> {
    await this.quiet();
    const before = this.#ticks();
    await sleep(seconds * 1000);
    return ((this.#ticks() - before) / HERTZ / seconds) * 100;
  }

  /** MB after `events` more than after `events`. */
  async growth(events: number): Promise<number> {
    const memory: number[] = [];
    for (let round = 0; round < 2; round += 1) {
      for (let n = 0; n < events; n += 1) {
        this.#touch(n);
        this.#tell();
        // As fast as the tray takes them.
        if (n % 20 === 19) await sleep(20);
      }
      await this.quiet();
      memory.push(this.memory());
    }
    return Math.max(0, (memory[1] ?? 0) - (memory[0] ?? 0));
  }

  /** Longer than the tray waits before it gives memory back. */
  quiet(): Promise<void> {
    return sleep(15_000);
  }

  /** MB of 10^6 bytes. */
  memory(): number {
    return this.#processes().reduce((sum, pid) => {
      const text = readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8');
      return sum + (Number(/^Rss:\s+(\d+) kB/mu.exec(text)?.[1]) * 1024) / 1e6;
    }, 0);
  }

  #touch(n: number): void {
    const sessions = this.#snapshot.sessions.map((each, index) =>
      index === this.#snapshot.sessions.length - 1 ? { ...each, name: `changed ${n}` } : each,
    );
    this.#snapshot = { ...this.#snapshot, sessions };
  }

  #tell(): void {
    this.#agent.broadcast({ event: 'catalogue', data: excerptOf(this.#snapshot, AT_MOST) });
  }

  async #reads(label: string): Promise<void> {
    const began = performance.now();
    for (;;) {
      if (performance.now() - began > LIMIT_MS) throw new Error(`The menu has no “${label}”.`);
      if (this.#panel.icons.length === 1) {
        const items = await this.#panel
          .menu()
          .then((menu) => menu.read())
          .catch(() => []);
        if (items.some((item) => item.label.startsWith(label))) return;
      }
      await sleep(2);
    }
  }

  #processes(): number[] {
    const pid = this.#tray?.pid;
    if (pid === undefined) return [];
    const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim();
    return [pid, ...(children ? children.split(' ').map(Number) : [])];
  }

  #ticks(): number {
    return this.#processes().reduce((sum, pid) => {
      const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
      return sum + Number(fields[11]) + Number(fields[12]);
    }, 0);
  }
}

const sleep = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));
