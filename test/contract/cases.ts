/** What the contract suite must know of a backend that its profile does not say. */
import type { Profile } from '../../src/model/profile.ts';
import { XRDP_PASSWORD } from '../rigs/xrdp/password.ts';

export interface Case {
  /** How many sessions are started at once. */
  readonly atOnce: number;
  /** Shell text by which a user would start a session of the name `byhand`, without hotdesk, if users do. */
  readonly byHand: string | ((display: string) => string) | undefined;
  /** What runs in a session, where that is no program with a terminal. `idle`: without work for the processor. */
  readonly application?: (idle: boolean) => readonly string[];
  /** One that ends at once, and what it says. */
  readonly ends?: { readonly command: readonly string[]; readonly says: string };
  /** When a start is cancelled, where its moments are others than usual. */
  readonly cancelledAfterMs?: readonly number[];
  /** An identifier that no session has. */
  readonly missing: string;
  /** Options of `start` on a machine where somebody sits at that display. */
  /** Most of its sections are another profile's, which is held against them. */
  readonly isVariant?: boolean;
  /** Of the account there, where the profile asks for it. */
  readonly password?: string;
  readonly options?: (display: string) => Readonly<Record<string, string | number>>;
}

export const CASES: Readonly<Record<string, Case>> = {
  xpra: {
    atOnce: Number(process.env.HOTDESK_TEST_XPRA_AT_ONCE ?? 6),
    byHand:
      'XPRA_SYSTEM_CONF_DIRS=/nonexistent xpra start --session-name=byhand --start=xterm --systemd-run=no --pulseaudio=no --mdns=no :931',
    missing: '998',
  },
  tmux: { atOnce: 20, byHand: 'tmux -u new-session -d -s byhand', missing: '99999' },
  screen: { atOnce: 20, byHand: 'TERM=xterm screen -dmS byhand', missing: '99999999' },
  dtach: { atOnce: 20, byHand: 'cd; dtach -n ./byhand -r winch sleep 600', missing: '99999999' },
  vnc: {
    atOnce: 20,
    byHand:
      'tigervncserver -localhost yes -SecurityTypes None -geometry 640x480 -xstartup /usr/bin/xterm -desktop byhand',
    missing: '998',
  },
  x2go: {
    atOnce: Number(process.env.HOTDESK_TEST_X2GO_AT_ONCE ?? 3),
    // Its launch takes a second and more, and is not cut short. What comes after it: test/profiles/x2go.real.test.ts.
    cancelledAfterMs: [0, 700],
    byHand:
      'USER=$(id -un) X2GO_CLIENT=127.0.0.1 x2gostartagent 800x600 lan 16m-jpeg-9 unix-kde-depth_24 us pc105/us 1 R byhand both',
    missing: '998',
  },
  'xpra-desktop': {
    atOnce: 2,
    byHand:
      'XPRA_SYSTEM_CONF_DIRS=/nonexistent xpra start-desktop --session-name=byhand --start=xterm --systemd-run=no --pulseaudio=no --mdns=no :932',
    missing: '998',
    isVariant: true,
  },
  xephyr: { atOnce: 2, byHand: undefined, missing: '998', isVariant: true },
  xnest: { atOnce: 2, byHand: undefined, missing: '998', isVariant: true },
  'xpra-shadow': {
    atOnce: 1,
    byHand: (display) =>
      `XPRA_SYSTEM_CONF_DIRS=/nonexistent xpra shadow --session-name=byhand --systemd-run=no --pulseaudio=no --mdns=no ${display}`,
    missing: '998',
    isVariant: true,
    options: (display) => ({ display }),
  },
  'vnc-shadow': {
    atOnce: 1,
    byHand: (display) =>
      `X0tigervnc -display ${display} -SecurityTypes None -rfbport=-1 -rfbunixpath=$HOME/byhand.sock -desktop byhand &`,
    missing: 's998',
    options: (display) => ({ display }),
  },
  'spice-vm': {
    atOnce: 20,
    application: tinyMachine,
    byHand: `${tinyMachine(true).join(' ')} -name byhand -display none -spice unix=on,addr=$HOME/by,,hand.sock,disable-ticketing=on -qmp unix:$HOME/byhand.qmp,server=on,wait=off &`,
    ends: { command: ['qemu-system-x86_64', '-machine', 'moon'], says: 'unsupported machine type' },
    missing: '9999',
    // Nobody there minds a power button.
    options: () => ({ grace: 0 }),
  },
  'rdp-shadow': {
    atOnce: 1,
    byHand: (display) =>
      `DISPLAY=${display} freerdp-shadow-cli /ipc-socket:$HOME/byhand.sock -auth /sec:tls &`,
    missing: 's998',
    options: (display) => ({ display }),
  },
  // By hand a session begins with its viewer: test/lab/rdp.test.ts.
  rdp: { atOnce: 1, byHand: undefined, missing: '998', password: XRDP_PASSWORD },
};

/** No disk, and firmware that waits for a key; or, idle, one that is not switched on yet. */
function tinyMachine(idle: boolean): readonly string[] {
  const machine = ['-machine', 'q35,accel=tcg', '-m', '64', '-nodefaults', '-no-user-config', '-vga', 'qxl'];
  return ['qemu-system-x86_64', ...machine, '-boot', 'menu=on', ...(idle ? ['-S'] : [])];
}

export function caseOf({ name }: Profile): Case {
  const found = CASES[name];
  if (!found) throw new Error(`test/contract/cases.ts does not know ${name}`);
  return found;
}
