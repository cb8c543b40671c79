/** Connection files, and hosts that speak RDP alone. */
import * as z from 'zod/mini';
import { ActionResult } from './sessions.ts';
import { Name, Options, SeatChoice } from './words.ts';

/** A `.vv` or `.rdp` file, or a URL, as base64. */
const ConsoleData = z.string().check(z.maxLength(100_000), z.regex(/^[A-Za-z0-9+/]*={0,2}$/u));

export const ConsoleLook = z.object({
  name: z.string(),
  /** Where it leads; empty for a socket of this machine. */
  host: z.string(),
  leftOut: z.array(z.string()),
  /** It says that its file is to be removed once it has been read. */
  once: z.boolean(),
});
export type ConsoleLook = z.infer<typeof ConsoleLook>;

export const CONSOLES = {
  /** What a connection file says, and what of it would be obeyed. Nothing is opened. */
  'console.look': { params: z.object({ data: ConsoleData, options: Options }), result: ConsoleLook },
  'console.open': {
    params: z.object({ data: ConsoleData, options: Options, seat: SeatChoice }),
    result: ActionResult,
  },
  /** Logs in by RDP to a host that has it, as its certificate is recorded, and shows it at `seat`. */
  'console.host': {
    params: z.object({ host: Name, options: Options, seat: SeatChoice }),
    result: ActionResult,
  },
} as const;
