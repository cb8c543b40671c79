// @ts-check
/**
 * The programs that hotdesk drives, by their Debian packages.
 *
 * @typedef {{ command: string } | { python: string } | { library: string }} Probe
 *   How it is seen to be there: a command in PATH, a Python module, or a file of the system's library folders.
 * @typedef {object} SystemPackage
 * @property {string} name the Debian package
 * @property {Probe} probe
 * @property {string} use what it is for
 * @property {string} [without] what works where it is missing
 */

/**
 * What npm start looks for.
 * @type {readonly SystemPackage[]}
 */
export const DEFAULT_SET = [
  {
    name: 'xpra',
    probe: { command: 'xpra' },
    use: 'graphical sessions and their viewers',
    without: 'tmux serves: terminal sessions only',
  },
  {
    name: 'python3-gi-cairo',
    probe: { python: 'gi._gi_cairo' },
    use: 'drawing in xpra viewers',
    without: 'this machine hosts sessions, and cannot show graphical ones',
  },
  {
    name: 'python3-pil',
    probe: { python: 'PIL' },
    use: 'pictures and icons in xpra',
    without: 'no thumbnails, and slower viewers',
  },
  {
    name: 'xvfb',
    probe: { command: 'Xvfb' },
    use: 'the display that xpra keeps applications on',
    without: 'this machine shows graphical sessions, and cannot host them',
  },
  {
    name: 'xauth',
    probe: { command: 'xauth' },
    use: 'access to displays',
    without: 'this machine shows graphical sessions, and cannot host them',
  },
  {
    name: 'tmux',
    probe: { command: 'tmux' },
    use: 'terminal sessions',
    without: 'xpra serves: graphical sessions only',
  },
  {
    name: 'openssh-server',
    probe: { command: 'sshd' },
    use: 'lets your other machines in',
    without: 'this machine reaches others, and they cannot reach it',
  },
  {
    name: 'openssh-client',
    probe: { command: 'ssh' },
    use: 'reads ~/.ssh/config, makes keys',
    without: 'a simple ~/.ssh/config is understood; no Match or Include',
  },
  {
    name: 'avahi-daemon',
    probe: { command: 'avahi-daemon' },
    use: 'finds machines on the network',
    without: 'hotdesk answers and asks by its own mDNS',
  },
  {
    name: 'dbus',
    probe: { command: 'dbus-daemon' },
    use: 'the way to Avahi',
    without: 'hotdesk answers and asks by its own mDNS',
  },
];

/**
 * What npm test needs besides.
 * @type {readonly SystemPackage[]}
 */
export const TEST_SET = [
  { name: 'avahi-utils', probe: { command: 'avahi-browse' }, use: 'the peer of discovery' },
  { name: 'libnss-mdns', probe: { library: 'libnss_mdns4_minimal.so.2' }, use: 'names.local in the lab' },
  { name: 'iproute2', probe: { command: 'ip' }, use: "the lab's network" },
  { name: 'nftables', probe: { command: 'nft' }, use: "the lab's bad cables" },
  { name: 'sudo', probe: { command: 'sudo' }, use: 'installing as root' },
  { name: 'unbound', probe: { command: 'unbound' }, use: 'a resolver that validates (DNSSEC)' },
  { name: 'ldnsutils', probe: { command: 'ldns-signzone' }, use: 'signs its zone' },
  { name: 'procps', probe: { command: 'ps' }, use: 'looking at processes' },
  { name: 'zsh', probe: { command: 'zsh' }, use: 'a login shell' },
  { name: 'fish', probe: { command: 'fish' }, use: 'a login shell' },
  { name: 'tcsh', probe: { command: 'tcsh' }, use: 'a login shell' },
  { name: 'dropbear-bin', probe: { command: 'dropbear' }, use: 'another SSH server' },
  {
    name: 'libpam-oath',
    probe: { library: 'security/pam_oath.so' },
    use: 'one-time codes for the SSH server',
  },
  { name: 'dash', probe: { command: 'dash' }, use: 'a login shell' },
  { name: 'x11-utils', probe: { command: 'xwininfo' }, use: 'looking at windows' },
  { name: 'x11-apps', probe: { command: 'xlogo' }, use: 'applications' },
  { name: 'xterm', probe: { command: 'xterm' }, use: 'an application' },
  { name: 'xdotool', probe: { command: 'xdotool' }, use: 'typing into windows' },
  { name: 'imagemagick', probe: { command: 'import' }, use: 'screenshots' },
  { name: 'libglib2.0-bin', probe: { command: 'gio' }, use: 'how desktops read .desktop files' },
  { name: 'tigervnc-standalone-server', probe: { command: 'Xtigervnc' }, use: 'a backend' },
  { name: 'tigervnc-viewer', probe: { command: 'xtigervncviewer' }, use: 'a viewer' },
  { name: 'tigervnc-scraping-server', probe: { command: 'X0tigervnc' }, use: 'a backend' },
  { name: 'tigervnc-tools', probe: { command: 'tigervncpasswd' }, use: 'password files of VNC' },
  { name: 'x2goserver', probe: { command: 'x2gostartagent' }, use: 'a backend' },
  { name: 'nxproxy', probe: { command: 'nxproxy' }, use: 'a viewer' },
  { name: 'freerdp2-shadow-x11', probe: { command: 'freerdp-shadow-cli' }, use: 'a backend' },
  { name: 'freerdp2-x11', probe: { command: 'xfreerdp' }, use: 'a viewer' },
  { name: 'xserver-xspice', probe: { command: 'Xspice' }, use: 'a backend, which crashes on some systems' },
  { name: 'gvncviewer', probe: { command: 'gvncviewer' }, use: 'a viewer' },
  { name: 'xrdp', probe: { command: 'xrdp' }, use: 'a backend' },
  { name: 'xorgxrdp', probe: { library: 'xorg/modules/libxorgxrdp.so' }, use: 'its X server' },
  { name: 'waypipe', probe: { command: 'waypipe' }, use: 'a backend and its viewer' },
  { name: 'weston', probe: { command: 'weston' }, use: 'a Wayland compositor' },
  { name: 'x11vnc', probe: { command: 'x11vnc' }, use: 'a backend' },
  { name: 'xserver-xephyr', probe: { command: 'Xephyr' }, use: 'a backend' },
  { name: 'xnest', probe: { command: 'Xnest' }, use: 'a backend' },
  { name: 'qemu-system-x86', probe: { command: 'qemu-system-x86_64' }, use: 'a backend' },
  { name: 'virt-viewer', probe: { command: 'remote-viewer' }, use: 'a viewer' },
  { name: 'libvirt-clients', probe: { command: 'virsh' }, use: 'a backend' },
  { name: 'libvirt-daemon', probe: { command: 'libvirtd' }, use: 'a backend' },
  {
    name: 'libvirt-daemon-driver-qemu',
    probe: { library: 'libvirt/connection-driver/libvirt_driver_qemu.so' },
    use: 'a backend',
  },
  { name: 'screen', probe: { command: 'screen' }, use: 'a backend' },
  { name: 'dtach', probe: { command: 'dtach' }, use: 'a backend' },
  { name: 'openbox', probe: { command: 'openbox' }, use: 'a window manager' },
  { name: 'libnotify-bin', probe: { command: 'notify-send' }, use: 'notifications' },
  { name: 'dunst', probe: { command: 'dunst' }, use: 'shows notifications' },
  { name: 'zenity', probe: { command: 'zenity' }, use: 'asks for a line of text' },
  { name: 'xfce4-panel', probe: { command: 'xfce4-panel' }, use: 'a panel for the tray' },
  {
    name: 'libayatana-appindicator3-1',
    probe: { library: 'libappindicator3.so.1' },
    use: "the tray icon by systray2's program",
  },
  { name: 'socat', probe: { command: 'socat' }, use: 'sockets' },
  { name: 'gnome-keyring', probe: { command: 'gnome-keyring-daemon' }, use: 'a keyring for passwords' },
  { name: 'netcat-openbsd', probe: { command: 'nc' }, use: 'sockets' },
  { name: 'python3-dbus', probe: { python: 'dbus' }, use: 'a logind that announces sleep' },
  { name: 'systemd', probe: { command: 'systemctl' }, use: 'a manager of user units' },
  { name: 'strace', probe: { command: 'strace' }, use: 'watching where a password goes' },
];
