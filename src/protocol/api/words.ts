/** What several methods take, and who asks. */
import * as z from 'zod/mini';

export const Name = z.string().check(z.minLength(1), z.maxLength(300));
export const Locale = z.string().check(z.maxLength(60));
export const Options = z.record(z.string(), z.union([z.string(), z.number(), z.boolean()]));

export const Nothing = z.object({});
export const RefOnly = z.object({ ref: Name });

export const SessionAt = z.object({ backend: z.string(), localId: z.string() });

/** Where a viewer opens: a registered seat by id, the best one, or nowhere (the caller's terminal follows by `terminal.open`). */
export const SeatChoice = z.optional(z.string().check(z.maxLength(120)));

export const ViewMode = z.enum(['take', 'share', 'readonly']);
export type ViewMode = z.infer<typeof ViewMode>;

/** Who a session goes to or comes from, for people. */
export const Party = z.object({ hostId: z.string(), host: z.string(), user: z.optional(z.string()) });
export type Party = z.infer<typeof Party>;
