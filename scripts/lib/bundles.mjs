// @ts-check
/**
 * @typedef {object} Bundle
 * @property {string} source
 * @property {string} output
 * @property {readonly string[]} never
 * @property {readonly string[]} [cachedIn]
 */

/**
 * What npm run build makes, as data. `source` is a file of src/ or a package; `never` lists the packages that
 * must not be linked into it (test/architecture/bundles.test.ts). The bundles of `cachedIn` load it by V8's code
 * cache: for a program that runs once and ends. Others keep the memory that functions take which they never call.
 * @type {readonly Bundle[]}
 */
export const BUNDLES = [
  // What `hotdesk list` loads: it asks the agent, so it needs nothing that only the agent does.
  {
    source: 'src/cli/main.ts',
    output: 'cli.cjs',
    never: [
      ...['ssh2', 'conf', 'bonjour-service', 'yaml', '@homebridge/dbus-native', 'pino', 'zod'],
      '@clack/prompts',
    ],
  },
  // Loaded when a command is asked for a password.
  {
    source: 'src/cli/prompting/prompting.ts',
    output: 'prompting.cjs',
    never: ['commander', 'ssh2', 'zod'],
  },
  // Loaded by `hotdesk profiles new`.
  { source: 'src/cli/new-profile.ts', output: 'new-profile.cjs', never: ['commander'] },
  // The schemas, for what holds the agent's answers against them.
  {
    source: 'src/protocol/checks.ts',
    output: 'checks.cjs',
    never: ['commander'],
    cachedIn: ['cli.cjs'],
  },
  { source: 'src/agent/main.ts', output: 'agent.cjs', never: ['ssh2', 'commander', 'conf', 'yaml'] },
  // Loaded by the agent where a profile is not one that the build has read.
  { source: 'src/profiles/check.ts', output: 'profile-check.cjs', never: ['commander', 'ssh2'] },
  // Loaded by the agent when a profile is tested.
  { source: 'src/actions/prove.ts', output: 'prove.cjs', never: ['commander', 'ssh2', 'zod'] },
  // Loaded by the agent when a session is taken to another host.
  { source: 'src/actions/migrate.ts', output: 'migrate.cjs', never: ['commander', 'ssh2', 'zod'] },
  { source: 'src/actions/relaunch.ts', output: 'relaunch.cjs', never: ['commander', 'ssh2', 'zod'] },
  // Loaded by the agent when a setting changes.
  { source: 'src/platform/settings-file.ts', output: 'settings-file.cjs', never: ['commander'] },
  // Loaded by the agent with the first password that may be kept.
  {
    source: 'src/platform/keyring.ts',
    output: 'keyring.cjs',
    never: ['commander', 'ssh2', '@napi-rs/keyring'],
    cachedIn: ['setup.cjs'],
  },
  // Loaded by the agent when a session wants the password of an account.
  {
    source: 'src/agent/account/account.ts',
    output: 'account.cjs',
    never: ['commander', 'ssh2', 'yaml', 'conf', '@napi-rs/keyring'],
  },
  // Loaded by the agent when somebody asks for the applications of a host.
  { source: 'src/agent/apps/apps.ts', output: 'apps.cjs', never: ['commander', 'ssh2', 'yaml', 'conf'] },
  // Loaded by the agent when somebody opens a connection file.
  {
    source: 'src/agent/console/console.ts',
    output: 'console.cjs',
    never: ['commander', 'ssh2', 'yaml', 'conf'],
  },
  // Loaded by the agent when a host that speaks RDP alone is meant.
  {
    source: 'src/agent/rdp/rdp.ts',
    output: 'rdp.cjs',
    never: ['commander', 'ssh2', 'yaml', 'conf'],
  },
  // Loaded by the agent for `hotdesk doctor`.
  {
    source: 'src/agent/diagnose.ts',
    output: 'diagnose.cjs',
    never: ['commander', 'ssh2', 'yaml', 'conf'],
  },
  // Loaded by `hotdesk setup` alone.
  {
    source: 'src/cli/setup/main.ts',
    output: 'setup.cjs',
    never: ['ssh2', 'commander', 'conf', 'yaml', 'pino'],
    cachedIn: ['cli.cjs'],
  },
  // Loaded by `hotdesk tray`.
  {
    source: 'src/tray/main.ts',
    output: 'tray.cjs',
    never: ['ssh2', 'conf', 'bonjour-service', 'yaml', 'pino', 'commander', 'systray2'],
  },
  // Loaded by the agent with the first SSH connection.
  { source: 'src/ssh/ssh.ts', output: 'ssh.cjs', never: ['commander', 'ssh2', 'yaml', 'conf'] },
  {
    source: 'src/ssh/wire/ssh2.ts',
    output: 'ssh2.cjs',
    never: ['commander', 'yaml', 'conf'],
    cachedIn: ['setup.cjs'],
  },
];
