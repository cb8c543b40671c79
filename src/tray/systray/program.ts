/** systray2's program: whether this machine can run it, and where a copy is that may be run. */
import {
  accessSync,
  chmodSync,
  constants,
  copyFileSync,
  existsSync,
  mkdirSync,
  renameSync,
  statSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { HotdeskError } from '../../kernel/errors.ts';

const NAMES: Partial<Readonly<Record<NodeJS.Platform, string>>> = {
  linux: 'tray_linux_release',
  darwin: 'tray_darwin_release',
  win32: 'tray_windows_release.exe',
};

/** What the package looks at is the platform alone: it would run its x86-64 program on a Raspberry Pi. */
export interface Platform {
  readonly platform: NodeJS.Platform;
  readonly arch: string;
  exists(path: string): boolean;
}

const HERE: Platform = { platform: process.platform, arch: process.arch, exists: existsSync };

/** The loader that a program for glibc names (ld.so(8)); musl has another. */
const GLIBC = '/lib64/ld-linux-x86-64.so.2';

/** Why the program cannot run on this machine; undefined: it can. */
export function unusableOn({ platform, arch, exists }: Platform = HERE): string | undefined {
  if (!NAMES[platform]) return `systray2 has no program for ${platform}`;
  // Both of them run x86-64 programs on arm64 too.
  if (platform !== 'linux') return undefined;
  if (arch !== 'x64') return `systray2 has no program for ${arch}`;
  return exists(GLIBC) ? undefined : 'systray2 has no program for this C library';
}

/**
 * The program, executable. It arrives without that right (npm packs it 0644); where the right cannot be given
 * (a package that root installed), a copy in `cacheDir` gets it.
 * @throws HotdeskError `command-missing`
 */
export function runnable(cacheDir: string, platform: NodeJS.Platform = process.platform): string {
  const name = NAMES[platform];
  const program = name && join(packageFolder(), 'traybin', name);
  if (!program || !existsSync(program)) throw missing();
  if (isExecutable(program)) return program;
  try {
    chmodSync(program, 0o755);
    return program;
  } catch {
    return copied(program, join(cacheDir, 'systray2-2.1.4', name));
  }
}

function copied(program: string, copy: string): string {
  const size = statSync(program).size;
  if (existsSync(copy) && isExecutable(copy) && statSync(copy).size === size) return copy;
  mkdirSync(dirname(copy), { recursive: true, mode: 0o700 });
  const whole = `${copy}.${process.pid}`;
  copyFileSync(program, whole);
  chmodSync(whole, 0o700);
  renameSync(whole, copy);
  return copy;
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** Asked at run time: the bundle has nothing of the package in it. */
function packageFolder(): string {
  try {
    return dirname(createRequire(import.meta.url).resolve('systray2/package.json'));
  } catch (cause) {
    throw missing(cause);
  }
}

function missing(cause?: unknown): HotdeskError {
  return new HotdeskError(
    'command-missing',
    'The program that shows the tray icon (systray2) is not installed.',
    {
      hint: 'Install hotdesk again, or `hotdesk config set tray.backend sni`.',
      cause,
    },
  );
}
