/** Applications that make no sense away from their machine, by the data file beside this. */
import * as z from 'zod/mini';
import type { Application } from '../model/application.ts';
import data from './local-only-apps.json' with { type: 'json' };

const Text = z.string().check(z.minLength(1));

/** Each rule says why. */
export const LocalOnly = z.strictObject({
  /** Desktop file ids; `*` stands for any characters. */
  ids: z.array(
    z.strictObject({
      why: Text,
      patterns: z.array(z.string().check(z.regex(/^[\w.*-]+$/u))).check(z.minLength(1)),
    }),
  ),
  /** Entries that have all of these categories. */
  categories: z.array(z.strictObject({ why: Text, all: z.array(Text).check(z.minLength(1)) })),
});

const rules = LocalOnly.parse(data);
const IDS = new RegExp(
  `^(?:${rules.ids
    .flatMap(({ patterns }) => patterns)
    .map((pattern) => pattern.replaceAll('.', '\\.').replaceAll('*', '.*'))
    .join('|')})$`,
  'iu',
);

export function isLocalOnly({ id, categories }: Pick<Application, 'id' | 'categories'>): boolean {
  return (
    IDS.test(id) || rules.categories.some(({ all }) => all.every((category) => categories.includes(category)))
  );
}
