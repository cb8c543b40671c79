/** A real terminal (tmux) in a lab host, and what is typed and seen in it. */
import { until } from '../until.ts';
import type { LabHost } from './host.ts';

export interface TerminalOptions {
  readonly columns?: number;
  readonly rows?: number;
  /** Besides a plain login's: the display of the host's seat, say. */
  readonly env?: Readonly<Record<string, string>>;
}

/** A machine that is busy with other tests is slow, in ms. */
const PATIENCE_MS = 60_000;

export class Terminal {
  readonly host: LabHost;
  readonly name: string;
  readonly #program: string;

  /** @param program path of tmux in the host */
  constructor(host: LabHost, name: string, program = 'tmux') {
    this.host = host;
    this.name = name;
    this.#program = program;
  }

  async #tmux(args: readonly string[], stdin?: string): Promise<string> {
    const argv = [this.#program, '-L', 'terminals', '-f', '/dev/null', ...args];
    return (await this.host.user(argv, stdin === undefined ? {} : { stdin })).stdout;
  }

  async open({ columns = 100, rows = 24, env = {} }: TerminalOptions = {}): Promise<void> {
    const size = ['-x', `${columns}`, '-y', `${rows}`];
    const set = Object.entries({ PS1: '"ready> "', ...env }).map(([name, value]) => `${name}=${value}`);
    await this.#tmux(['new-session', '-d', '-s', this.name, ...size, `env -u TMUX ${set.join(' ')} sh`]);
    await until('a prompt', async () => (await this.screen()).includes('ready>'), PATIENCE_MS);
  }

  async type(line: string): Promise<void> {
    await this.#tmux(['send-keys', '-t', this.name, '-l', line]);
    await this.#tmux(['send-keys', '-t', this.name, 'Enter']);
  }

  /** Types a secret: it is in no argv and no environment on its way here. */
  async secret(text: string): Promise<void> {
    await this.#tmux(['load-buffer', '-b', 'secret', '-'], text);
    await this.#tmux(['paste-buffer', '-d', '-b', 'secret', '-t', this.name]);
    await this.#tmux(['send-keys', '-t', this.name, 'Enter']);
  }

  /** At a person's pace: tmux takes quicker keys as pasted text (assume-paste-time in tmux(1)). */
  async key(name: string): Promise<void> {
    await new Promise((resolve) => setTimeout(resolve, 50));
    await this.#tmux(['send-keys', '-t', this.name, name]);
  }

  async resize(columns: number, rows: number): Promise<void> {
    await this.#tmux(['resize-window', '-t', this.name, '-x', `${columns}`, '-y', `${rows}`]);
  }

  screen(): Promise<string> {
    return this.#tmux(['capture-pane', '-p', '-t', this.name]);
  }

  async clear(): Promise<void> {
    await this.type('clear');
    await until('an empty screen', async () => (await this.screen()).trim() === 'ready>', PATIENCE_MS);
  }

  async shows(text: string | RegExp): Promise<string> {
    let last = '';
    const seen = async () => {
      last = await this.screen();
      return typeof text === 'string' ? last.includes(text) : text.test(last);
    };
    await until(`“${String(text)}” on ${this.host.name}`, seen, PATIENCE_MS).catch((error: unknown) => {
      throw new Error(`${String(error)}; the screen is:\n${last}`);
    });
    return last;
  }
}
