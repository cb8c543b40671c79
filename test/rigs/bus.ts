/** A message bus of a test's own. */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

export class TestBus {
  readonly socket: string;
  readonly #folder: string;
  #daemon: ChildProcess | undefined;

  private constructor(folder: string) {
    this.#folder = folder;
    this.socket = path.join(folder, 'socket');
  }

  static async start(): Promise<TestBus> {
    const bus = new TestBus(await mkdtemp(path.join(tmpdir(), 'hotdesk-bus-')));
    await bus.startDaemon();
    return bus;
  }

  get address(): string {
    return `unix:path=${this.socket}`;
  }

  async startDaemon(): Promise<void> {
    const config = path.join(this.#folder, 'bus.conf');
    await writeFile(
      config,
      `<busconfig><type>session</type><listen>unix:path=${this.socket}</listen><auth>EXTERNAL</auth>
<policy context="default"><allow user="*"/><allow own="*"/><allow send_destination="*" eavesdrop="true"/>
<allow eavesdrop="true"/></policy></busconfig>`,
    );
    const daemon = spawn('dbus-daemon', [
      ...['--nofork', '--nopidfile', '--print-address', `--config-file=${config}`],
    ]);
    this.#daemon = daemon;
    await new Promise<void>((resolve, reject) => {
      daemon.stdout.once('data', () => resolve());
      daemon.once('error', reject);
      daemon.once('exit', (code) => reject(new Error(`dbus-daemon ended with ${code}`)));
    });
  }

  /** As when the session ends, or the daemon dies. */
  async kill(): Promise<void> {
    const daemon = this.#daemon;
    if (daemon?.exitCode !== null || daemon.signalCode !== null) return;
    const ended = new Promise((resolve) => daemon.once('exit', resolve));
    daemon.kill('SIGKILL');
    await ended;
  }

  async end(): Promise<void> {
    await this.kill();
    await rm(this.#folder, { recursive: true, force: true });
  }
}
