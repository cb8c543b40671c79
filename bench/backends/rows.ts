/** The backends whose speed is held against their plain commands. A further one is one more row. */
import { readFileSync } from 'node:fs';
import type { LabHost } from '../../test/rigs/lab/host.ts';
import { until } from '../../test/rigs/until.ts';
import { XRDP_SCRIPT } from '../../test/rigs/xrdp/script.ts';
import type { Look } from '../rig/seen.ts';
import type { ByHand } from './by-hand.ts';

export interface BackendRow {
  readonly profile: string;
  /** By what it is known to be there. */
  readonly look: Look;
  /** What `hotdesk start HOST --backend PROFILE --name NAME` gets besides. */
  readonly start: readonly string[];
  /** Told in the table. */
  readonly peer: { readonly start: string; readonly attach: string };
  /** Ours at most so many times the plain commands. */
  readonly bound: { readonly start: number; readonly attach: number };
  readonly hand: ByHand;
  /** What the host needs besides. */
  readonly prepare?: (there: LabHost, seats: readonly LabHost[]) => Promise<void>;
  /** Environment of hotdesk's commands besides. */
  readonly env?: Readonly<Record<string, string>>;
}

/** A window in a colour that nothing else has. */
const GREEN = ['xterm', '-geometry', '120x50+0+0', '-bg', 'rgb:12/ab/51'];
/** Of the account on the host, where a backend wants it. */
const PASSWORD = 'bench-password';
/** A machine without a disk. */
const MACHINE = 'qemu-system-x86_64 -machine q35,accel=tcg -m 64 -nodefaults -vga qxl'.split(' ');
const FINGERPRINT = `
echo "PRINT=$(openssl x509 -in /etc/xrdp/cert.pem -noout -fingerprint -sha256 | sed 's/.*=//' | tr A-F a-f)"`;
const VNC_VIEWER = 'exec xtigervncviewer -AlertOnFatalError=0 -ReconnectOnError=0 -Shared=0 "$W/$N.sock"';

/** X2Go ends the sshd that it was started by when the session is resumed. */
const KEEP_CONNECTION = 'rm -f "$HOME/.x2go/C-$SID/sshd.pid"';
/** As on a host where X2Go's own service takes ended sessions out of its table: each makes a start longer. */
const X2GO_TABLE = `
mount -t tmpfs -o mode=770 x2go /var/lib/x2go
chgrp x2gouser /var/lib/x2go
x2godbadmin --createdb`;

export const BACKENDS: readonly BackendRow[] = [
  {
    profile: 'vnc',
    look: { colour: 0x12ab51 },
    start: ['--', ...GREEN],
    peer: {
      start: 'by hand: `ssh` (Xtigervnc on a unix socket, xterm), `ssh -O forward`, `xtigervncviewer`',
      attach: 'by hand: `ssh -O forward`, `xtigervncviewer`',
    },
    bound: { start: 1.15, attach: 1.15 },
    hand: {
      start: `
umask 077; D=$HOME/by-hand/$N; mkdir -p "$D"; cd "$D"; rm -f disp; mkfifo disp; C=$(mcookie)
xauth -q -f "$D/xauth" add :0 . "$C"
setsid Xtigervnc -displayfd 3 -rfbport -1 -rfbunixpath "$D/rfb.sock" -SecurityTypes None -auth "$D/xauth" \\
  -geometry 1280x800 -depth 24 -desktop "$N" -nolisten tcp -terminate 3>disp >x.log 2>&1 </dev/null &
read -r DN <disp || { cat x.log >&2; exit 1; }
xauth -q -f "$D/xauth" add ":$DN" . "$C"
cd; DISPLAY=:$DN XAUTHORITY=$D/xauth setsid ${GREEN.join(' ')} >"$D/app.log" 2>&1 </dev/null &
echo "APP=$!"`,
      forward: '$W/$N.sock:/home/user/by-hand/$N/rfb.sock',
      viewer: VNC_VIEWER,
      // -terminate: the server ends with its last client.
      stop: `
pid=$(pgrep -u "$(id -u)" -f "[r]fbunixpath $HOME/by-hand/$N/")
kill $pid; while kill -0 $pid 2>/dev/null; do sleep 0.05; done
rm -rf "$HOME/by-hand/$N"`,
    },
  },
  {
    profile: 'vnc-shadow',
    look: { colour: 0x12ab51 },
    start: [],
    peer: {
      start: 'by hand: `ssh` (X0tigervnc on a unix socket), `ssh -O forward`, `xtigervncviewer`',
      attach: 'by hand: `ssh -O forward`, `xtigervncviewer`',
    },
    bound: { start: 1.15, attach: 1.15 },
    hand: {
      start: `
umask 077; D=$HOME/by-hand/$N; mkdir -p "$D"
XAUTHORITY=$HOME/.Xauthority setsid X0tigervnc -display :0 -SecurityTypes None -rfbport=-1 \\
  "-rfbunixpath=$D/rfb.sock" "-desktop=$N" >"$D/log" 2>&1 </dev/null &
until [ -S "$D/rfb.sock" ]; do sleep 0.02; done`,
      forward: '$W/$N.sock:/home/user/by-hand/$N/rfb.sock',
      viewer: VNC_VIEWER,
      stop: `
pid=$(pgrep -u "$(id -u)" -f "[r]fbunixpath=$HOME/by-hand/$N/")
kill $pid; while kill -0 $pid 2>/dev/null; do sleep 0.05; done
rm -rf "$HOME/by-hand/$N"`,
    },
    prepare: async (there) => {
      // Somebody sits there.
      there.spawn([...GREEN, '-T', 'at the desk'], { env: there.seatEnv, timeoutMs: 3_600_000 });
      await until('somebody sits at h2', async () =>
        (await there.windows()).some(({ name }) => name === 'at the desk'),
      );
    },
  },
  {
    profile: 'rdp',
    look: { colour: 0x12ab51 },
    start: ['--', ...GREEN],
    peer: {
      start:
        'by hand: `ssh` (fingerprint), `ssh -O forward`, `xfreerdp`, which logs in; the password is typed already',
      attach: 'by hand: `ssh` (fingerprint), `ssh -O forward`, `xfreerdp`; the password is typed already',
    },
    bound: { start: 1.15, attach: 1.15 },
    hand: {
      // What begins the session is the login.
      start: FINGERPRINT,
      again: FINGERPRINT,
      forward: '$W/$N.sock:127.0.0.1:3389',
      viewer:
        'exec xfreerdp ~/by-hand.rdp "/v:$W/$N.sock" "/cert:fingerprint:sha256:$PRINT" /sec:tls /size:1280x800',
      // xrdp has one session a user: only those that were started by hand alone are ended.
      stop: `
case $N in by-hand) exit ;; esac
pid=$(pgrep -u "$(id -u)" -x Xorg)
pkill -u "$(id -u)" -x xterm; while kill -0 $pid 2>/dev/null; do sleep 0.05; done`,
    },
    prepare: async (there, seats) => {
      const served = await there.root(['bash', '-s', 'serve', '/run/lab'], {
        stdin: readFileSync(XRDP_SCRIPT, 'utf8'),
      });
      if (served.code !== 0) throw new Error(`xrdp does not run: ${served.stderr}`);
      await there.root(['chpasswd'], { stdin: `user:${PASSWORD}\n` });
      const shell = `#!/bin/sh\nexec ${GREEN.join(' ')}\n`;
      await there.user(['sh', '-c', 'cat >startwm.sh; chmod +x startwm.sh'], { stdin: shell });
      for (const seat of seats) {
        const askpass = `#!/bin/sh\necho ${PASSWORD}\n`;
        await seat.user(['sh', '-c', 'cat >askpass; chmod +x askpass'], { stdin: askpass });
        await seat.user(['sh', '-c', 'cat >by-hand.rdp'], { stdin: `/u:user\n/p:${PASSWORD}\n` });
      }
    },
    env: { SSH_ASKPASS: '/home/user/askpass', SSH_ASKPASS_REQUIRE: 'force' },
  },
  {
    profile: 'x2go',
    look: { colour: 0x12ab51 },
    start: ['--', ...GREEN],
    peer: {
      start: 'by hand: `ssh` (x2gostartagent), `ssh -O forward`, `nxproxy`, `ssh` (x2goruncommand)',
      attach: 'by hand: `ssh` (x2goresume-session), `ssh -O forward`, `nxproxy`',
    },
    bound: { start: 1.15, attach: 1.15 },
    hand: {
      start: `
umask 077; D=$HOME/by-hand/$N; mkdir -p "$D"; cd "$D"
x2gostartagent 1280x800 lan 16m-jpeg-9 unix-kde-depth_24 us pc105/us 1 R xterm both \\
  >started 2>log </dev/null || { cat log >&2; exit 1; }
set -- $(cat started); SID=$4
printf 'NUMBER=%s\\nCOOKIE=%s\\nAGENT=%s\\nSID=%s\\nSOUND=%s\\n' "$1" "$2" "$3" "$4" "$6" >place
cat place; echo "PORT=$5"; ${KEEP_CONNECTION}`,
      again: `
D=$HOME/by-hand/$N; cd "$D"; . ./place
PORT=$(x2goresume-session "$SID" 1280x800 lan 16m-jpeg-9 us pc105/us 1 both 2>log </dev/null |
  sed -n s/^gr_port=//p)
cat place; echo "PORT=$PORT"; ${KEEP_CONNECTION}`,
      forward: '$W/$N.sock:127.0.0.1:$PORT',
      viewer: `
printf 'nx/nx,retry=5,composite=1,root=%s,connect=unix:%s,cookie=%s,errors=%s:%s' \\
  "$W" "$W/$N.sock" "$COOKIE" "$W/$N.errors" "$NUMBER" >"$W/$N.options"
NX_ROOT=$W exec nxproxy -S "nx/nx,options=$W/$N.options:$NUMBER"`,
      inside: `
. "$HOME/by-hand/$N/place"
setsid x2goruncommand "$NUMBER" "$AGENT" "$SID" "$SOUND" '${GREEN.join(' ')}' nosnd R >/dev/null 2>&1 </dev/null &`,
      leave: `
. "$HOME/by-hand/$N/place"
x2gosuspend-session "$SID" >/dev/null 2>&1 </dev/null
until grep -qx SUSPENDED "$HOME/.x2go/C-$SID/state"; do sleep 0.02; done`,
      stop: `
. "$HOME/by-hand/$N/place"
x2goterminate-session "$SID" >/dev/null 2>&1 </dev/null
while kill -0 $AGENT 2>/dev/null; do sleep 0.05; done
rm -rf "$HOME/by-hand/$N"`,
    },
    prepare: async (there) => {
      const made = await there.root(['sh', '-ec', X2GO_TABLE]);
      if (made.code !== 0) throw new Error(`X2Go has no table: ${made.stderr}`);
    },
  },
  {
    profile: 'spice-vm',
    // A firmware's boot menu is letters on black. The window has its name a moment after it is there.
    look: { title: /^(?:bench|by-hand)/u },
    start: ['-o', 'grace=0', '--', ...MACHINE],
    peer: {
      start: 'by hand: `ssh` (qemu with SPICE on a unix socket), `ssh -O forward`, `remote-viewer`',
      attach: 'by hand: `ssh -O forward`, `remote-viewer`',
    },
    bound: { start: 1.15, attach: 1.15 },
    hand: {
      start: `
umask 077; D=$HOME/by-hand/$N; mkdir -p "$D"
setsid ${MACHINE.join(' ')} -name "$N" -display none -spice unix=on,addr=$D/spice.sock,disable-ticketing=on \\
  -qmp unix:$D/qmp.sock,server=on,wait=off >"$D/log" 2>&1 </dev/null &
until [ -S "$D/spice.sock" ]; do sleep 0.02; done`,
      forward: '$W/$N.sock:/home/user/by-hand/$N/spice.sock',
      viewer: 'exec remote-viewer -t "$N" "spice+unix://$W/$N.sock"',
      stop: `
pid=$(pgrep -u "$(id -u)" -f "[s]pice unix=on,addr=$HOME/by-hand/$N/")
kill $pid; while kill -0 $pid 2>/dev/null; do sleep 0.05; done
rm -rf "$HOME/by-hand/$N"`,
    },
  },
];
