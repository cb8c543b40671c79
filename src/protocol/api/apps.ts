/** The applications that a host has. */
import * as z from 'zod/mini';
import { Application } from '../../model/application.ts';
import { Locale, Name } from './words.ts';

export const APPS = {
  /** The applications of a host (this machine without one), by name; those hidden by default are marked. */
  'apps.list': {
    params: z.object({
      host: z.optional(Name),
      locale: z.optional(Locale),
      /** Revision whose applications the caller has. */
      known: z.optional(z.string().check(z.maxLength(60))),
    }),
    /** Without `applications`: still those of the known revision. */
    result: z.object({
      revision: z.string().check(z.maxLength(60)),
      applications: z.optional(z.array(Application).check(z.maxLength(2000))),
    }),
  },
  /** Their icons for 48 pixels, base64; those that have none are not in the answer. */
  'apps.icons': {
    params: z.object({
      host: z.optional(Name),
      ids: z.array(z.string().check(z.maxLength(255))).check(z.maxLength(200)),
    }),
    result: z.object({
      icons: z.array(
        z.object({
          id: z.string(),
          type: z.enum(['png', 'svg']),
          data: z.string().check(z.maxLength(400_000)),
        }),
      ),
    }),
  },
} as const;
