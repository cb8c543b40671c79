/** Looks for a secret where it must not be: in what processes show of themselves, and in files. */
import { readFileSync } from 'node:fs';
import type { LabHost } from './host.ts';

/** Looks at every process of the hosts, over and over, until it is stopped. */
export class SecretWatch {
  readonly #hosts: readonly LabHost[];
  readonly #secret: string;
  readonly #found = new Set<string>();
  #timer: NodeJS.Timeout | undefined;
  #looks = 0;
  #processes = 0;

  constructor(hosts: readonly LabHost[], secret: string) {
    this.#hosts = hosts;
    this.#secret = secret;
    this.#again();
  }

  /** Where it was seen, by argument vector or environment; and how much was looked at. */
  stop(): { readonly found: readonly string[]; readonly looks: number; readonly processes: number } {
    clearTimeout(this.#timer);
    this.#look();
    return { found: [...this.#found], looks: this.#looks, processes: this.#processes };
  }

  /** A look takes its time: the test goes on in between. */
  #again(): void {
    this.#timer = setTimeout(() => {
      this.#look();
      this.#again();
    }, 40);
  }

  #look(): void {
    this.#looks += 1;
    for (const host of this.#hosts) {
      for (const { outerPid, argv } of host.processes(true)) {
        this.#processes += 1;
        if (argv.some((word) => word.includes(this.#secret))) this.#found.add(`argv of ${argv[0]}`);
        if (environmentOf(outerPid).includes(this.#secret)) this.#found.add(`environment of ${argv[0]}`);
      }
    }
  }
}

function environmentOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/environ`, 'utf8');
  } catch {
    return '';
  }
}

const FOLDERS = ['/home', '/tmp', '/run', '/dev/shm', '/etc', '/var/log', '/root'];

/** Files of the host that hold the secret. */
export async function filesWith(
  host: LabHost,
  secret: string,
  folders: readonly string[] = FOLDERS,
): Promise<string[]> {
  // The pattern comes by standard input: an argument would be found by whoever watches arguments.
  // /run/lab has the checkout and the lab's own files.
  const grep = `grep -rlF -D skip --exclude-dir=lab -f - -- ${folders.join(' ')} 2>/dev/null`;
  const { stdout } = await host.root(['sh', '-c', `${grep}; true`], {
    stdin: `${secret}\n`,
    timeoutMs: 120_000,
  });
  return stdout.split('\n').filter(Boolean);
}
