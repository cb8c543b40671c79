/** How a profile's session goes to another host. */
import * as z from 'zod/mini';
import { Command, KeyValues } from './profile-command.ts';

/**
 * The steps by which a session goes to another host while it runs, each on one of the two, by values
 * that the ones before put out (`{folder}`), `{migrationId}`, `{limit}` (bytes a second), `{source}` and
 * `{target}` (names). The session runs in one place at most, whatever is lost on the way.
 */
export const Migrate = z.strictObject({
  /** Source: whether it can go, and what the other side must know. `pending`: the id of an earlier one whose end nobody knows. */
  describe: Command,
  /**
   * Target: whether it can come; makes its place. Puts out `socket`, where it is received, and `view`, a
   * socket where its viewer finds it, if that can follow; `later`: `beat` says. On failure nothing is left.
   */
  receive: Command,
  /**
   * Source: begins when somebody connects to the socket that it puts out as `carry`. Where `follow` is
   * `yes`, what its viewer opens from now on leads to `view`; where it came by a port, that is `viewerPort`.
   */
  send: Command,
  /** Source, again and again: `state` (sending, sent, failed), `percent`, `why`, and `followed` when its viewer has. Without being asked it gives up. */
  look: Command,
  /**
   * Target, again and again: it is still wanted. Without being asked it drops what it has. Puts out
   * `viewPath` or `viewPort` (of the loopback), where its console is, once that is known.
   */
  beat: Command,
  /**
   * Target, once all of it is there: it runs there from now on. Puts out `id`, and `followed` (yes, no)
   * where the source cannot tell whether its viewer has. Can be asked again.
   */
  take: Command,
  /** Target: it never runs there. Refused where all of it is there, unless `sure` says that the source goes on. */
  drop: Command,
  /** Source: it goes on there; or puts out `gone`, where that has ended because all of it is at the target. Can be asked at any time. */
  cancel: Command,
  /** Source, after `take`: nothing is left of it. */
  leave: Command,
  output: KeyValues,
});
export type MigrateStep = Exclude<keyof z.infer<typeof Migrate>, 'output'>;
