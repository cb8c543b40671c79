/**
 * A LAN of several hosts in one machine (see lab.sh), for tests:
 *
 *     const lab = await Lab.up({ hosts: 3, avahi: [1, 2], seats: true });
 *     await lab.host(1).user(['hotdesk', 'list', '--json']);
 *     await lab.down();
 *
 * Needs root and the packages of scripts/lib/packages.mjs. What an earlier run with the same prefix
 * left behind is removed first.
 */
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { LabHost } from './host.ts';

const run = promisify(execFile);
const SCRIPT = fileURLToPath(new URL('./lab.sh', import.meta.url));
const CHECKOUT = fileURLToPath(new URL('../../..', import.meta.url));

export interface LabOptions {
  /** Hosts are numbered from 1. */
  readonly hosts: number;
  /** The hosts that run Avahi; all of them by default. */
  readonly avahi?: readonly number[];
  /** Whether each host runs sshd. */
  readonly sshd?: boolean;
  /** Lines for a host's sshd_config that win over the rig's own. */
  readonly sshdConfig?: Readonly<Record<number, readonly string[]>>;
  /** Whether each host gets an Xvfb as its user's graphical login, at once. */
  readonly seats?: boolean;
  /** Whether /run/user/UID is there, as with logind. */
  readonly runtimeDir?: boolean;
  /** Start of the namespaces' names: rigs with different ones run side by side. */
  readonly prefix?: string;
  /** Where its files are. */
  readonly dir?: string;
  /** First three bytes of the network's addresses. */
  readonly net?: string;
}

/** A prefix of this checkout's own, without digits: `lab.sh down` tells hosts from it by their number. */
function prefixOfCheckout(): string {
  const hash = createHash('sha256').update(CHECKOUT).digest();
  return `ht${[...hash.subarray(0, 4)].map((byte) => String.fromCharCode(97 + (byte % 26))).join('')}`;
}

export class Lab {
  readonly net: string;
  readonly #env: Readonly<Record<string, string | undefined>>;
  #hosts: readonly LabHost[] = [];

  private constructor(options: LabOptions) {
    const prefix = options.prefix ?? process.env.LAB_PREFIX ?? prefixOfCheckout();
    this.net = options.net ?? process.env.LAB_NET ?? '10.77.0';
    const dir = options.dir ?? process.env.LAB_DIR ?? `/tmp/hotdesk-lab-${prefix}`;
    const lines = Object.entries(options.sshdConfig ?? {});
    this.#env = {
      ...process.env,
      LAB_PREFIX: prefix,
      LAB_DIR: dir,
      LAB_NET: this.net,
      LAB_NODE: process.execPath,
      LAB_CHECKOUT: CHECKOUT,
      LAB_RUNTIME_DIR: options.runtimeDir === false ? '0' : '1',
      ...Object.fromEntries(lines.map(([host, text]) => [`LAB_SSHD_${host}`, text.join('\n')])),
    };
  }

  /** Brings the hosts up. @throws Error with what lab.sh said */
  static async up(options: LabOptions): Promise<Lab> {
    const lab = new Lab(options);
    await lab.#script('down');
    try {
      await lab.#start(options);
    } catch (error) {
      await lab.down();
      throw error;
    }
    return lab;
  }

  /** Host `number`, from 1. */
  host(number: number): LabHost {
    const host = this.#hosts[number - 1];
    if (host === undefined) throw new Error(`the lab has no host ${number}`);
    return host;
  }

  get hosts(): readonly LabHost[] {
    return this.#hosts;
  }

  /** Ends every process of every host and removes all of the lab's files and networks. */
  async down(): Promise<void> {
    await this.#script('down');
    this.#hosts = [];
  }

  async #start(options: LabOptions): Promise<void> {
    const numbers = Array.from({ length: options.hosts }, (_, index) => index + 1);
    const without = options.avahi && numbers.filter((number) => !options.avahi?.includes(number));
    const flags: string[] = [];
    if (without && without.length > 0) flags.push(`--no-avahi=${without.join(',')}`);
    if (options.sshd === false) flags.push('--no-sshd');
    await this.#script('up', String(options.hosts), ...flags);
    this.#hosts = await Promise.all(
      numbers.map(async (number) => {
        const pid = Number((await this.#script('pid', String(number))).trim());
        const script = (...args: string[]) => this.#script(...args);
        return new LabHost({
          number,
          pid,
          ip: `${this.net}.${number}`,
          dir: `${this.#env.LAB_DIR}/${number}`,
          script,
        });
      }),
    );
    if (options.seats) await Promise.all(this.#hosts.map((host) => host.startSeat()));
    await Promise.all(this.#hosts.map((host) => host.mark()));
  }

  /** Runs lab.sh. Its hosts outlive the call, so their output goes to files, never to this pipe. */
  async #script(...args: string[]): Promise<string> {
    const { stdout } = await run('bash', [SCRIPT, ...args], { env: this.#env, timeout: 60_000 });
    return stdout;
  }
}
