import * as z from 'zod/mini';

export { namesOf } from './host-names.ts';

/** Address that a host was found at. A link-local IPv6 address carries the interface it is valid on. */
export const HostAddress = z.object({
  address: z.string().check(z.maxLength(64)),
  family: z.union([z.literal(4), z.literal(6)]),
  /** Interface name for fe80::/10 (RFC 4007 zone). */
  scope: z.optional(z.string().check(z.maxLength(32))),
});
export type HostAddress = z.infer<typeof HostAddress>;

export const FinderName = z.enum(['self', 'mdns', 'avahi', 'ssh-config', 'manual']);
export type FinderName = z.infer<typeof FinderName>;

/** A session as an advert tells it: opaque unless the host's owner allows names. */
export const AdvertSession = z.object({
  /** `opaqueId` of the session, 8 hex digits. */
  id: z.string(),
  backend: z.string(),
  name: z.optional(z.string()),
});
export type AdvertSession = z.infer<typeof AdvertSession>;

/** What the agent of one user on one host publishes over mDNS. A claim, never a proof. */
export const Advert = z.object({
  hostId: z.string(),
  /** Tells the agents of several users on one host apart; random, new with each agent process. */
  agentId: z.string(),
  /** Grows with every change of the session list. */
  revision: z.number(),
  /** `SHA256:…` fingerprint of the SSH host key, as ssh-keygen -l prints it. */
  fingerprint: z.optional(z.string()),
  /** How many sessions there are in all; undefined where the owner advertises presence only. */
  sessionCount: z.optional(z.number()),
  /** As many as fit. */
  sessions: z.array(AdvertSession),
  /** It is about to sleep. */
  asleep: z.optional(z.boolean()),
});
export type Advert = z.infer<typeof Advert>;

/** How ssh gets to a host, as far as the user's own words say. What is undefined is not known. */
export interface SshRoute {
  /** Empty: the user who runs this agent. */
  readonly user?: string | undefined;
  readonly port?: number | undefined;
  /** ProxyJump or ProxyCommand; empty: there directly. */
  readonly via?: string | undefined;
}

/** Where a host speaks RDP, as an advert or the user says. A claim: its certificate says who answers. */
export const RdpPlace = z.object({
  /** Name or address: `desk.local`, or what the user typed. Its certificate is remembered under it. */
  host: z.string().check(z.maxLength(255)),
  port: z.number(),
  user: z.optional(z.string().check(z.maxLength(120))),
  /** The user's own words, and no advert. */
  typed: z.boolean(),
});
export type RdpPlace = z.infer<typeof RdpPlace>;

/** One finder's knowledge of one host. The catalogue merges several of them into a host. */
export interface Sighting {
  readonly finder: FinderName;
  /** Unique within the finder and stable while the thing is there. */
  readonly key: string;
  /** Bare name for people: `alpha`, not `alpha.local`. Sanitised. */
  readonly name: string;
  /** Name that resolves: `alpha.local`, or the HostName of an ssh_config entry. */
  readonly hostName?: string | undefined;
  readonly addresses: readonly HostAddress[];
  readonly sshPort?: number | undefined;
  /** ssh_config alias or typed-in target to hand to `ssh -G`. */
  readonly sshName?: string | undefined;
  /** Where `sshName` leads. */
  readonly route?: SshRoute | undefined;
  /** Service types seen, such as `_hotdesk._tcp`. */
  readonly services: readonly string[];
  readonly advert?: Advert | undefined;
  readonly rdp?: RdpPlace | undefined;
}

export const HostState = z.enum([
  /** This machine. */
  'local',
  /** An agent answers over SSH. */
  'agent',
  /** SSH answers; there is no agent. */
  'agentless',
  /** A connection is being made. */
  'connecting',
  /** Found, and not looked at: nothing has asked for it yet. */
  'found',
  /** Its host key or our login needs the user. */
  'untrusted',
  /** It speaks RDP, and nobody knows of SSH there: it can be opened, and nothing else. */
  'rdp-only',
  /** It said that it goes to sleep, and has not been heard of since. */
  'asleep',
  'unreachable',
]);
export type HostState = z.infer<typeof HostState>;

export const Problem = z.object({ code: z.string(), message: z.string(), hint: z.optional(z.string()) });
export type Problem = z.infer<typeof Problem>;

/** One row of the catalogue. */
export const Host = z.object({
  /** Key in the catalogue: the hostId where it is known, else `name:` and the bare name. */
  key: z.string(),
  name: z.string(),
  hostId: z.optional(z.string()),
  hostName: z.optional(z.string()),
  /** Further names that finders gave it. */
  aliases: z.optional(z.array(z.string())),
  addresses: z.array(HostAddress),
  sshPort: z.optional(z.number()),
  sshName: z.optional(z.string()),
  rdp: z.optional(RdpPlace),
  finders: z.array(FinderName),
  state: HostState,
  problem: z.optional(Problem),
  /** Advertised sessions (from every agent on that host), for a host that could not be asked. */
  adverts: z.array(Advert),
  /** Version of the agent that answered. */
  version: z.optional(z.string()),
  /** Backends that the host can run, with versions, where it was asked. */
  backends: z.optional(z.record(z.string(), z.string())),
});
export type Host = z.infer<typeof Host>;
