import * as z from 'zod/mini';
import { isRdpUrl, parseRdpTarget } from '../model/rdp-target.ts';

/** How much a host tells the network about its sessions; see docs/security.md. */
export const Advertise = z.enum(['off', 'presence', 'sessions', 'names']);
export type Advertise = z.infer<typeof Advertise>;

/** A host that the user typed in, for networks where nothing finds it. */
export const TypedHost = z.strictObject({
  name: z.string().check(z.minLength(1), z.maxLength(120)),
  /** What `ssh` takes: an alias, `host`, `user@host`; and `host:port`. Or `rdp://[user@]host[:port]`. */
  target: z.string().check(
    z.maxLength(255),
    z.regex(/^[^\s\p{Cc}-][^\s\p{Cc}]*$/u),
    z.refine((target) => !isRdpUrl(target) || parseRdpTarget(target) !== undefined),
  ),
});
export type TypedHost = z.infer<typeof TypedHost>;

const Given = z.string().check(z.regex(/^[^\p{Cc}]{1,200}$/u));
const OptionName = z.string().check(z.regex(/^[A-Za-z][A-Za-z0-9_-]{0,63}$/u));

const Options = z.record(OptionName, z.union([z.string().check(z.maxLength(1000)), z.number(), z.boolean()]));

/** Every setting with its default. `SETTING_TEXTS` says the same for people; docs/settings.md is made of both. */
export const Settings = z.object({
  advertise: z._default(Advertise, 'sessions'),
  hosts: z._default(z.array(TypedHost).check(z.maxLength(1000)), []),
  forwardAgent: z._default(
    z.array(z.string().check(z.minLength(1), z.maxLength(255))).check(z.maxLength(200)),
    [],
  ),
  keepPasswords: z._default(
    z.array(z.string().check(z.regex(/^[^@\p{Cc}]{1,255}$/u))).check(z.maxLength(200)),
    [],
  ),
  idleMinutes: z._default(z.number().check(z.gte(1), z.lte(1440)), 15),
  preferBackends: z._default(z.array(OptionName).check(z.maxLength(100)), []),
  preferViewers: z._default(z.array(OptionName).check(z.maxLength(100)), []),
  appBackends: z._default(z.record(Given, OptionName), {}),
  profileOptions: z._default(z.record(OptionName, Options), {}),
  hostOptions: z._default(z.record(Given, z.record(OptionName, Options)), {}),
  sessionOptions: z._default(z.record(Given, Options), {}),
  tray: z._default(
    z.strictObject({
      backend: z.optional(z.enum(['auto', 'systray2', 'sni'])),
      panel: z.optional(z.enum(['auto', 'light', 'dark'])),
    }),
    {},
  ),
  notifications: z._default(
    z.strictObject({
      opened: z.optional(z.boolean()),
      moved: z.optional(z.boolean()),
      ended: z.optional(z.boolean()),
      hosts: z.optional(z.boolean()),
    }),
    {},
  ),
  quietHours: z._default(
    z.string().check(z.regex(/^$|^(?:[01]\d|2[0-3]):[0-5]\d-(?:[01]\d|2[0-3]):[0-5]\d$/u)),
    '',
  ),
});
export type Settings = z.infer<typeof Settings>;
export type SettingKey = keyof Settings;

export interface SettingText {
  /** What a value must be, to follow "must be". */
  readonly expects: string;
  readonly doc: string;
  readonly example: string;
}

export const SETTING_TEXTS: Readonly<Record<SettingKey, SettingText>> = {
  advertise: {
    expects: 'off, presence, sessions or names',
    doc: 'What this machine tells the local network over mDNS: nothing (off), that it is there (presence), how many sessions of which backend under opaque ids (sessions), or their names too (names). No setting publishes a user name.',
    example: 'hotdesk config set advertise presence',
  },
  hosts: {
    expects: 'a list of {"name": …, "target": …}, the target as ssh takes it or rdp://[user@]host[:port]',
    doc: 'Hosts that nothing finds by itself, such as those of another network, and with rdp:// those that speak RDP alone. Those in ~/.ssh/config need not be here.',
    example: `hotdesk config set hosts '[{"name": "office", "target": "me@203.0.113.7:2222"}]'`,
  },
  forwardAgent: {
    expects: 'a list of hosts',
    doc: 'Hosts whose sessions may use your ssh-agent, as with `ssh -A`: whoever has root there can log in elsewhere as you while you are connected. A host is meant by the name that `ssh` would take or that you gave it in `hosts`, not by one that it tells the network. Holds from the next connection on, and for as long as that stands; ForwardAgent in ~/.ssh/config has no say here.',
    example: `hotdesk config set forwardAgent '["office"]'`,
  },
  keepPasswords: {
    expects: 'a list of hosts',
    doc: 'Hosts whose account password, which xrdp or another RDP server asks for, is kept in the keyring of this desktop once it has let you in, for the host with the key or certificate that it has then. A host is meant as in `forwardAgent`, one that speaks RDP alone by its name in `hotdesk hosts`. Taken off the list, its password is taken out of the keyring. Passwords of SSH are kept by `hotdesk setup`.',
    example: `hotdesk config set keepPasswords '["office"]'`,
  },
  idleMinutes: {
    expects: 'a number from 1 to 1440',
    doc: 'How long an SSH connection that nothing uses is kept, in minutes.',
    example: 'hotdesk config set idleMinutes 60',
  },
  preferBackends: {
    expects: 'a list of names of profiles',
    doc: 'What starts a session where several could: these before all others, in this order (hotdesk profiles list shows all).',
    example: `hotdesk config set preferBackends '["vnc", "screen"]'`,
  },
  preferViewers: {
    expects: 'a list of names of programs',
    doc: 'What shows a session where several programs here could, terminals among them: these before all others, in this order (hotdesk profiles show NAME lists them). One that cannot do what is asked for, such as an option, is passed over.',
    example: `hotdesk config set preferViewers '["remote-viewer", "kitty"]'`,
  },
  appBackends: {
    expects: 'application → name of a profile',
    doc: 'What starts one application, by its id (hotdesk apps HOST lists them), over preferBackends. What a command says goes first.',
    example: 'hotdesk config set appBackends.org.gnome.Calculator vnc',
  },
  profileOptions: {
    expects: 'profile → option → text, number, true or false',
    doc: 'Values for options that profiles declare (hotdesk profiles show NAME lists them), used where a command does not say otherwise.',
    example: 'hotdesk config set profileOptions.xpra.speaker true',
  },
  hostOptions: {
    expects: 'host → profile → option → text, number, true or false',
    doc: 'The same for the sessions of one host, over profileOptions. A host whose name has dots is written as JSON.',
    example: 'hotdesk config set hostOptions.alpha.xpra.quality 60',
  },
  sessionOptions: {
    expects: 'session → option → text, number, true or false',
    doc: 'The same for one session, NAME or NAME@HOST, over hostOptions. What a command says goes first.',
    example: 'hotdesk config set sessionOptions.firefox@alpha.speaker true',
  },
  tray: {
    expects: 'backend → auto, systray2 or sni; panel → auto, light or dark',
    doc: 'How `hotdesk tray` shows its icon: by the program of systray2 or by D-Bus alone (sni; auto takes the first that runs here), and drawn for a light or a dark panel. Taken when the tray starts or the panel comes back.',
    example: 'hotdesk config set tray.backend sni',
  },
  notifications: {
    expects: 'of opened, moved, ended and hosts: true or false',
    doc: 'Which notifications the tray shows: a session was opened here from elsewhere (opened), yours was moved away (moved), one ended by itself (ended; not one that ended well while somebody looked at it), a host was lost or is back (hosts). All, unless they are set to false. What is to be chosen stays in the menu all the same.',
    example: 'hotdesk config set notifications.ended false',
  },
  quietHours: {
    expects: 'empty, or hours such as 22:00-07:00',
    doc: 'When the tray shows no notifications. What is to be chosen stays in the menu all the same.',
    example: 'hotdesk config set quietHours 22:00-07:00',
  },
};

export const SETTING_KEYS: readonly SettingKey[] = [
  'advertise',
  'hosts',
  'forwardAgent',
  'keepPasswords',
  'idleMinutes',
  'preferBackends',
  'preferViewers',
  'appBackends',
  'profileOptions',
  'hostOptions',
  'sessionOptions',
  'tray',
  'notifications',
  'quietHours',
];

export const DEFAULTS: Settings = Settings.parse({});

export function isSettingKey(key: string): key is SettingKey {
  return Object.hasOwn(SETTING_TEXTS, key);
}
