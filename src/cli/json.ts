/**
 * The shapes of `--json`, for docs/protocol.md and the tests. Only types are taken from here into
 * the program: the schemas themselves are not linked into it. A field may be added within a version;
 * one that goes or changes its meaning raises JSON_VERSION.
 */
import * as z from 'zod/mini';
import { HostState, Problem } from '../model/host.ts';
import { SessionKind } from '../model/session.ts';
import { STEP_IDS } from '../wizard/wizard.ts';

export const SessionJson = z.object({
  /** Reference in full; every command takes it. */
  ref: z.string(),
  name: z.string(),
  host: z.string(),
  hostKey: z.string(),
  backend: z.string(),
  /** The backend's own identifier. */
  id: z.string(),
  kind: SessionKind,
  state: z.enum(['live', 'dead']),
  /** Its backend does not answer: this is what it said before. */
  stale: z.optional(z.boolean()),
  title: z.optional(z.string()),
  command: z.optional(z.string()),
  /** ISO 8601, UTC. */
  startedAt: z.optional(z.string()),
  windows: z.optional(z.number()),
  pid: z.optional(z.number()),
  /** Hosts at whose seats it is shown; `?` where the backend does not tell. */
  shownAt: z.array(z.string()),
  /** Whether one of them is this machine. */
  shownHere: z.boolean(),
});
export type SessionJson = z.infer<typeof SessionJson>;

export const HostJson = z.object({
  name: z.string(),
  key: z.string(),
  hostId: z.optional(z.string()),
  hostName: z.optional(z.string()),
  aliases: z.array(z.string()),
  state: HostState,
  /** Best first; a link-local IPv6 address carries its zone. */
  addresses: z.array(z.string()),
  sshPort: z.optional(z.number()),
  sshName: z.optional(z.string()),
  /** Where it speaks RDP, as an advert or the user says: `hotdesk open NAME` logs in there. */
  rdp: z.optional(z.object({ host: z.string(), port: z.number(), user: z.optional(z.string()) })),
  foundBy: z.array(z.string()),
  /** Version of the agent there, where one answered. */
  version: z.optional(z.string()),
  /** Backends and their versions, where the host was asked. */
  backends: z.record(z.string(), z.string()),
  /** Sessions that are listed. */
  sessions: z.number(),
  /** Sessions that its adverts claim. */
  advertised: z.optional(z.number()),
  problem: z.optional(Problem),
});
export type HostJson = z.infer<typeof HostJson>;

export const AppJson = z.object({
  /** What `start --app` takes: the desktop file id without its ending. */
  id: z.string(),
  name: z.string(),
  comment: z.optional(z.string()),
  /** As freedesktop.org's menu specification names them. */
  categories: z.array(z.string()),
  /** Runs in a terminal. */
  terminal: z.boolean(),
  command: z.array(z.string()),
  path: z.optional(z.string()),
  icon: z.optional(z.string()),
  windowClass: z.optional(z.string()),
  /** Why it is listed only with `--all`. */
  hidden: z.optional(z.enum(['local-only', 'other-desktop'])),
  /** When it was last started from here, ISO 8601, UTC. */
  usedAt: z.optional(z.string()),
});
export type AppJson = z.infer<typeof AppJson>;

export const AppsJson = z.object({
  version: z.literal(1),
  host: z.string(),
  /** Changes when an entry of the host does. */
  revision: z.string(),
  apps: z.array(AppJson),
});
export const ListJson = z.object({ version: z.literal(1), sessions: z.array(SessionJson) });
export const HostsJson = z.object({ version: z.literal(1), hosts: z.array(HostJson) });
export const ActionJson = z.object({
  version: z.literal(1),
  session: SessionJson,
  /** The viewer that was opened on this machine (or, by `move --to`, on the other). */
  viewer: z.optional(z.object({ id: z.string(), seat: z.string(), pid: z.optional(z.number()) })),
  /** It wants a terminal and got none: `hotdesk attach` in one shows it. */
  wantsTerminal: z.optional(z.boolean()),
  /** `start`: why that backend. */
  why: z.optional(z.string()),
  /** `open`: what of the file was not obeyed. */
  leftOut: z.optional(z.array(z.string())),
  /** Milliseconds. */
  timings: z.optional(z.record(z.string(), z.number())),
});
const ErrorShape = z.object({
  code: z.string(),
  message: z.string(),
  hint: z.optional(z.string()),
  candidates: z.optional(z.array(z.string())),
});
export const SetupJson = z.object({
  version: z.literal(1),
  host: z.optional(z.string()),
  /** In the order in which they were run, up to the one that ended the run. */
  steps: z.array(
    z.object({
      step: z.enum(STEP_IDS),
      outcome: z.enum(['done', 'already', 'skipped', 'declined', 'failed', 'blocked']),
      /** Milliseconds. */
      ms: z.number(),
      /** What is so now, for people. */
      lines: z.array(z.string()),
      error: z.optional(ErrorShape),
      /** The earlier step without which it could not be done. */
      needs: z.optional(z.enum(STEP_IDS)),
    }),
  ),
  /** What ended the run before its end. */
  error: z.optional(ErrorShape),
});
export const SetupUndoneJson = z.object({
  version: z.literal(1),
  host: z.string(),
  /** What was taken back, the last step first. */
  undone: z.array(z.object({ step: z.enum(STEP_IDS), lines: z.array(z.string()) })),
});
export const ErrorJson = z.object({ version: z.literal(1), error: ErrorShape });
