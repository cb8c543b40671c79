/** How a profile's sessions are seen: listed, asked about, watched for changes, and told how they ended. */
import * as z from 'zod/mini';
import { Command, KeyValues, Lines, Output, Template } from './profile-command.ts';
import { Line, Name, Pattern } from './profile-words.ts';
import { SessionKind } from './session.ts';

/** Fields of a session, each a template over what was parsed; an empty result means: not known. */
const SessionFields = z.strictObject({
  localId: z.optional(Template),
  name: z.optional(Template),
  title: z.optional(Template),
  command: z.optional(Template),
  startedAt: z.optional(Template),
  windows: z.optional(Template),
  pid: z.optional(Template),
  state: z.optional(Template),
  kind: z.optional(
    z.strictObject({ value: Template, map: z.record(z.string(), SessionKind), else: SessionKind }),
  ),
  /** Whose session it is, where a profile lists those of the profiles that extend it too. */
  backend: z.optional(z.strictObject({ value: Template, map: z.record(z.string(), Name), else: Name })),
  /** What a further viewer does, where that differs by session: a value of `steals`. */
  steals: z.optional(Template),
});
export type SessionFields = z.infer<typeof SessionFields>;

/** Who watches: `tag` is what hotdesk gave its own viewer, `host` what is known of any other. */
const WatcherFields = z.strictObject({ tag: z.optional(Template), host: z.optional(Template) });

export const List = z.strictObject({
  command: Command,
  output: Lines,
  session: SessionFields,
  watchers: z.optional(z.extend(WatcherFields, { output: Lines, localId: Template })),
});

export const Info = z.strictObject({
  command: Command,
  output: Output,
  /** Listing asks again only when this, over a listed row, changes. Without it listing never asks. */
  key: z.optional(Template),
  /** Two templates that differ while a change is under way: asked again shortly. */
  settled: z.optional(z.tuple([Template, Template])),
  session: SessionFields,
  /** Keys `GROUP.FIELD` of the output, by a pattern with two groups, make one watcher a GROUP. */
  watchers: z.optional(z.extend(WatcherFields, { keys: Pattern })),
  facts: z.record(Line, Template),
});

/** What tells that a listing may have changed, cheaper than listing. */
export const Watch = z.strictObject({
  /** Folders whose entries come and go with sessions. `~`, `{uid}`, `{user}` and `{runtime}` are filled. */
  folders: z.array(Line).check(z.maxLength(20)),
  /** Paths of unix sockets whose connections (in proc_net_unix) come and go with viewers: patterns. */
  sockets: z.array(Pattern).check(z.maxLength(20)),
  /** List anyway, this often at most. For what the above does not show. */
  everySeconds: z.number().check(z.gte(1), z.lte(3600)),
});
export type Watch = z.infer<typeof Watch>;

/** What the scripts of `start` recorded of a session's end. */
export const Ended = z.strictObject({
  /** Puts out the record of the session `{localId}`, which is not listed any more, and forgets it. */
  command: Command,
  output: KeyValues,
  /** Seconds since the epoch; a record that is older than the session is not taken for its own. */
  at: Template,
  /** Exit code; less than zero: a signal's number. */
  code: Template,
  /** Name or number. */
  signal: Template,
  /** What it said last, line by line. */
  lines: z.array(Template).check(z.maxLength(5)),
});
