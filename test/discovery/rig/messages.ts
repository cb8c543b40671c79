import * as z from 'zod/mini';

export interface PeerOptions {
  readonly find?: { readonly bus: boolean; readonly prefer?: 'mdns' | 'avahi' };
  readonly publish?: {
    readonly bus: boolean;
    readonly instance: string;
    readonly hostName: string;
    readonly port: number;
    readonly txt: readonly string[];
  };
}

export const PeerAction = z.object({
  suspect: z.optional(z.string()),
  update: z.optional(z.array(z.string())),
  mode: z.optional(z.boolean()),
  memory: z.optional(z.boolean()),
  stop: z.optional(z.boolean()),
});
export type PeerAction = z.infer<typeof PeerAction>;
