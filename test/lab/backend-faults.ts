/** What the fault tests must know of each backend, and the faults that they make on a host. */
import { basename } from 'node:path';
import type { LabHost } from '../rigs/lab/host.ts';
import type { LabProcess } from '../rigs/lab/inventory.ts';

export interface FaultRow {
  readonly backend: string;
  /** What `hotdesk start` gets besides the host and its name. */
  readonly start: readonly string[];
  /** Each alone makes it be there no more. */
  readonly programs: readonly string[];
  /** All of what could show it. */
  readonly viewers: readonly string[];
  /** Names of the processes that keep it alive, and of those that watch over them. */
  readonly servers: readonly string[];
  /** Whether it starts on a host that is full: what has its files in memory does. */
  readonly needsRoom: boolean;
  /** What of it is listed when all of those were killed. */
  readonly killed: 'dead' | 'gone';
}

export const XTERM = ['--', 'xterm', '-e', 'sleep', '900'];
/** Without a disk. */
const MACHINE = 'qemu-system-x86_64 -machine q35,accel=tcg -m 64 -vga qxl'.split(' ');
const SLEEP = ['--', 'sleep', '900'];
const TERMINALS = [
  ...['gnome-terminal', 'konsole', 'xfce4-terminal', 'foot', 'kitty', 'alacritty'],
  ...['xterm', 'x-terminal-emulator'],
];
const xpra: Omit<FaultRow, 'backend' | 'start' | 'programs'> = {
  ...{ viewers: ['xpra'], servers: ['xpra', 'hotdesk-xpra'] },
  ...{ needsRoom: true, killed: 'dead' },
};
const vncViewers = ['xtigervncviewer', 'vncviewer', 'gvncviewer'];

/** Of what hotdesk keeps: what ends with its viewer (ssh-x11, waypipe) is tried in not-kept.test.ts. */
export const ROWS: readonly FaultRow[] = [
  { backend: 'xpra', start: XTERM, programs: ['xpra'], ...xpra },
  { backend: 'xpra-desktop', start: XTERM, programs: ['xpra'], ...xpra },
  { backend: 'xpra-shadow', start: [], programs: ['xpra'], ...xpra },
  { backend: 'xephyr', start: XTERM, programs: ['Xephyr'], ...xpra },
  { backend: 'xnest', start: XTERM, programs: ['Xnest'], ...xpra },
  {
    ...{ backend: 'vnc', start: XTERM, programs: ['Xtigervnc', 'Xvnc'], viewers: vncViewers },
    ...{ servers: ['Xtigervnc', 'hotdesk-vnc'], needsRoom: true, killed: 'dead' },
  },
  {
    ...{ backend: 'vnc-shadow', start: [], programs: ['X0tigervnc', 'x0vncserver', 'x11vnc'] },
    ...{ viewers: vncViewers, servers: ['X0tigervnc', 'hotdesk-vnc'], needsRoom: true, killed: 'dead' },
  },
  {
    ...{ backend: 'rdp-shadow', start: [], programs: ['freerdp-shadow-cli', 'freerdp-shadow-cli3'] },
    ...{
      viewers: ['xfreerdp', 'xfreerdp3'],
      servers: ['freerdp-shadow-cli', 'hotdesk-rdp'],
      needsRoom: true,
      killed: 'dead',
    },
  },
  {
    ...{ backend: 'x2go', start: XTERM, programs: ['x2gostartagent'], viewers: ['nxproxy'] },
    ...{ servers: ['x2goagent', 'hotdesk-x2go'], needsRoom: true, killed: 'dead' },
  },
  {
    ...{ backend: 'spice-vm', start: ['-o', 'grace=0', '--', ...MACHINE] },
    ...{ programs: ['qemu-system-x86_64', 'qemu-system-aarch64', 'qemu-kvm', 'virsh'] },
    ...{ viewers: ['remote-viewer'], servers: ['qemu-system-x86_64', 'hotdesk-vm'] },
    ...{ needsRoom: true, killed: 'dead' },
  },
  {
    ...{ backend: 'rdp', start: ['--', 'xterm'], programs: ['xrdp-sesrun'] },
    ...{ viewers: ['xfreerdp', 'xfreerdp3'], servers: ['Xorg'], needsRoom: true, killed: 'gone' },
  },
  {
    ...{ backend: 'tmux', start: SLEEP, programs: ['tmux'], viewers: TERMINALS },
    ...{ servers: ['tmux'], needsRoom: false, killed: 'gone' },
  },
  {
    ...{ backend: 'screen', start: SLEEP, programs: ['screen'], viewers: TERMINALS },
    ...{ servers: ['screen', 'SCREEN'], needsRoom: false, killed: 'dead' },
  },
  {
    ...{ backend: 'dtach', start: SLEEP, programs: ['dtach'], viewers: TERMINALS },
    ...{ servers: ['dtach'], needsRoom: false, killed: 'dead' },
  },
];

/** Displays that are there: each is shared once. */
export const SHADOWS: readonly string[] = ['xpra-shadow', 'vnc-shadow', 'rdp-shadow'];

export function isServer({ servers }: FaultRow, { argv }: LabProcess): boolean {
  return argv.slice(0, 4).some((word) => servers.includes(word.replace(/^.*\//u, '')));
}

/** Makes programs of a host impossible to run, until what it returns is called. */
export async function hide(host: LabHost, programs: readonly string[]): Promise<() => Promise<void>> {
  const { stdout } = await must(
    host,
    `: >/run/lab/nothing
    for p; do
      f=$(command -v "$p") && f=$(readlink -f "$f") || continue
      mount --bind /run/lab/nothing "$f" && echo "$f"
    done`,
    programs,
  );
  const hidden = stdout.split('\n').filter(Boolean);
  if (hidden.length === 0) throw new Error(`${host.name} has none of ${programs.join(', ')}`);
  return async () => {
    await must(host, 'for f; do umount "$f" || exit; done', hidden);
  };
}

/** Puts a script in the place of a program; `$REAL` is the program. Until what it returns is called. */
export async function replace(host: LabHost, program: string, script: string): Promise<() => Promise<void>> {
  const file = (await must(host, 'readlink -f "$(command -v "$1")"', [program])).stdout.trim();
  const name = basename(file);
  await must(
    host,
    `cp "$1" "/run/lab/real-$2" && chmod --reference="$1" "/run/lab/real-$2"
    printf '%s\\n' '#!/bin/sh' "REAL=/run/lab/real-$2" "$3" >"/run/lab/other-$2" && chmod 755 "/run/lab/other-$2"
    mount --bind "/run/lab/other-$2" "$1"`,
    [file, name, script],
  );
  return async () => {
    await must(host, 'umount "$1" && rm -f "/run/lab/real-$2" "/run/lab/other-$2"', [file, name]);
  };
}

/** Leaves no room in /run and /tmp, until what it returns is called. X sockets stay where they are. */
export async function fill(host: LabHost): Promise<() => Promise<void>> {
  await must(
    host,
    `mkdir -p /run/lab/x11 && mount --bind /tmp/.X11-unix /run/lab/x11
    mount -t tmpfs -o size=64k,mode=1777 tmpfs /tmp && mkdir /tmp/.X11-unix && mount --bind /run/lab/x11 /tmp/.X11-unix
    mount -o remount,size=8m /run || exit
    for f in /tmp/fill /run/lab/fill; do dd if=/dev/zero of=$f bs=4k 2>/dev/null; done
    ! dd if=/dev/zero of=/run/lab/more bs=4k count=1 2>/dev/null; rm -f /run/lab/more`,
  );
  return async () => {
    await must(
      host,
      `rm -f /run/lab/fill && mount -o remount,size=50% /run
      umount /tmp/.X11-unix && umount -l /tmp && umount /run/lab/x11 && rmdir /run/lab/x11`,
    );
  };
}

async function must(host: LabHost, script: string, args: readonly string[] = []) {
  const ran = await host.root(['sh', '-c', script, 'sh', ...args]);
  if (ran.code !== 0) throw new Error(`${host.name}: ${script}: ${ran.stdout}${ran.stderr}`);
  return ran;
}
