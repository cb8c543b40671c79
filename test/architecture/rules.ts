/**
 * Who may import what in src/, as data: the table of the design. A folder not named here may import
 * nothing, and nothing may import it.
 */

export interface LayerRule {
  readonly folder: string;
  /** Folders of src/, or paths below them without the extension, that it may import. */
  readonly may: readonly string[];
  /** The same, but only by a dynamic import(): the build makes bundles of their own of these. */
  readonly lazily?: readonly string[];
}

const RANK_0 = ['kernel', 'model', 'protocol'];
const RANK_1 = ['profiles', 'discovery', 'ssh', 'platform'];
const RANK_2 = ['catalogue', 'viewer', 'actions'];

export const LAYERS: readonly LayerRule[] = [
  // Rank 0: those before it.
  { folder: 'kernel', may: [] },
  { folder: 'model', may: ['kernel'] },
  { folder: 'protocol', may: ['kernel', 'model'] },
  // Rank 1: rank 0, never each other.
  { folder: 'profiles', may: RANK_0 },
  { folder: 'discovery', may: RANK_0 },
  { folder: 'ssh', may: RANK_0 },
  { folder: 'platform', may: RANK_0 },
  // Rank 2.
  { folder: 'catalogue', may: RANK_0 },
  { folder: 'viewer', may: [...RANK_0, 'platform'] },
  { folder: 'actions', may: [...RANK_0, ...RANK_1, 'catalogue', 'viewer'] },
  // Rank 3.
  { folder: 'client', may: RANK_0 },
  { folder: 'agent', may: [...RANK_0, ...RANK_1, ...RANK_2] },
  { folder: 'wizard', may: [...RANK_0, ...RANK_1, ...RANK_2] },
  // Rank 4: thin views.
  {
    folder: 'tray',
    may: [
      ...RANK_0,
      'client',
      'platform/autostart',
      // Its icon, menu and notifications are objects on the desktop session's bus.
      'platform/dbus',
      'platform/bus-address',
    ],
  },
  {
    folder: 'cli',
    may: [...RANK_0, 'client', 'wizard'],
    lazily: ['agent/main', 'tray/main'],
  },
  { folder: 'dashboard', may: [...RANK_0, 'client'] },
];

export interface PackageFence {
  readonly package: string;
  /** Where under src/ it may be imported: a folder, or the start of a file's path. */
  readonly inside: readonly string[];
  /** Only by a dynamic import(), types aside. */
  readonly lazily?: true;
  /** The only folder that loads it, which others load by a dynamic import(), types aside. */
  readonly linkedIn?: string;
}

export const FENCES: readonly PackageFence[] = [
  // With our ciphers, which it takes over when it is loaded: whoever else loaded it would be first.
  { package: 'ssh2', inside: ['ssh/'], linkedIn: 'ssh/wire/' },
  { package: 'bonjour-service', inside: ['discovery/mdns', 'agent/advertise'] },
  { package: 'systray2', inside: ['tray/systray'] },
  { package: 'node-notifier', inside: ['tray/notify'] },
  { package: 'commander', inside: ['cli/'] },
  { package: '@clack/prompts', inside: ['cli/setup/'] },
  { package: '@napi-rs/keyring', inside: ['platform/keyring'], lazily: true },
  { package: 'conf', inside: ['platform/settings'] },
  { package: 'yaml', inside: ['profiles/'] },
];
