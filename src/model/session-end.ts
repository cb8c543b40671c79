import * as z from 'zod/mini';

/** Longest of the last lines that is kept, in UTF-16 units, and how many: within a kilobyte of plain text. */
export const END_LINE_LIMIT = 200;
export const END_LINES = 5;

/** How a session ended, where its backend kept that. */
export const SessionEnd = z.object({
  /** Exit code of what ran in it; not known where a signal ended it. */
  code: z.optional(z.int().check(z.gte(0), z.lte(255))),
  /** `SIGKILL`; SIGRTMIN and above as `SIG34`. */
  signal: z.optional(z.string().check(z.regex(/^SIG[A-Z0-9]{1,10}$/u))),
  /** What it said last, safe to show. */
  lines: z.array(z.string().check(z.maxLength(END_LINE_LIMIT))).check(z.maxLength(END_LINES)),
});
export type SessionEnd = z.infer<typeof SessionEnd>;
