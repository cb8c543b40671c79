import * as z from 'zod/mini';

/** An application of a host, from its desktop entry. What people read is sanitised. */
export const Application = z.object({
  /** Desktop file id without `.desktop`: `org.gnome.Calculator`. */
  id: z.string().check(z.minLength(1), z.maxLength(255)),
  /** In the language that was asked for. */
  name: z.string().check(z.minLength(1), z.maxLength(120)),
  comment: z.optional(z.string().check(z.maxLength(300))),
  /** As the entry has them: `Network`, `WebBrowser`, … */
  categories: z.array(z.string().check(z.maxLength(60))).check(z.maxLength(40)),
  /** Runs in a terminal. */
  terminal: z.boolean(),
  /** What is run: Exec with its field codes filled. */
  command: z.array(z.string().check(z.maxLength(16_384))).check(z.minLength(1), z.maxLength(500)),
  /** Working folder. */
  path: z.optional(z.string().check(z.maxLength(4096))),
  /** Name in an icon theme, or a file. */
  icon: z.optional(z.string().check(z.maxLength(4096))),
  /** Class of its windows (StartupWMClass). */
  windowClass: z.optional(z.string().check(z.maxLength(120))),
  /** Why it is listed only when everything is asked for. */
  hidden: z.optional(z.enum(['local-only', 'other-desktop'])),
  /** When it was last started there from here, in seconds since the epoch. */
  usedAt: z.optional(z.number()),
});
export type Application = z.infer<typeof Application>;
