/** What goes over the socket, whatever the method: the handshake, requests, answers and events. */
import * as z from 'zod/mini';

export const Hello = z.object({
  hotdesk: z.number(),
  version: z.string().check(z.maxLength(40)),
  role: z.enum(['client', 'peer', 'agent']),
  hostId: z.optional(z.string().check(z.maxLength(64))),
  host: z.optional(z.string().check(z.maxLength(255))),
});
export type Hello = z.infer<typeof Hello>;

export const Request = z.object({
  id: z.number(),
  method: z.string().check(z.maxLength(60)),
  params: z.optional(z.unknown()),
  /** Number of the process that asks, where it may have had a head start. */
  headStart: z.optional(z.number()),
});
export type Request = z.infer<typeof Request>;

export const Cancel = z.object({ cancel: z.number() });

const ErrorShape = z.object({
  code: z.string(),
  message: z.string(),
  hint: z.optional(z.string()),
  candidates: z.optional(z.array(z.string())),
});

/** What the agent sends: a reply, progress of a request, or an event. */
export const ServerMessage = z.union([
  z.object({ id: z.number(), result: z.unknown() }),
  z.object({ id: z.number(), error: ErrorShape }),
  z.object({ id: z.number(), progress: z.string() }),
  z.object({ event: z.string(), data: z.unknown() }),
]);
export type ServerMessage = z.infer<typeof ServerMessage>;
