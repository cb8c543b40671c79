/** The words and numbers that every section of a profile is made of. */
import * as z from 'zod/mini';

export const Line = z.string().check(z.minLength(1), z.maxLength(500));
export const Name = z.string().check(z.regex(/^[a-z][a-z0-9-]{0,39}$/u));
export const Seconds = z.number().check(z.gte(0.1), z.lte(600));
export const Field = z.string().check(z.regex(/^[a-zA-Z][\w-]{0,39}$/u));
export const Pattern = z.string().check(z.minLength(1), z.maxLength(500));
