/** The JSON schema of a profile, for editors: generated, and held against the file by a test. */
import * as z from 'zod/mini';
import { Profile } from '../model/profile.ts';

/** What `profiles/schema.json` holds. A profile that extends another needs nothing but a name and a title. */
export function generateSchema(): object {
  const { $schema, ...whole } = z.toJSONSchema(Profile, { target: 'draft-7', io: 'input' });
  return {
    $schema,
    title: 'hotdesk profile',
    if: { required: ['extends'] },
    // biome-ignore lint/suspicious/noThenProperty: the keyword of JSON Schema
    then: { ...(withoutRequired(whole) as object), required: ['schema', 'name', 'title', 'extends'] },
    else: whole,
  };
}

/** A schema in which everything may be left out, or be `null` to take it away. */
function withoutRequired(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(withoutRequired);
  if (typeof schema !== 'object' || schema === null) return schema;
  const entries = Object.entries(schema).filter(([key]) => key !== 'required');
  return Object.fromEntries(
    entries.map(([key, value]) =>
      key === 'properties' && isMap(value)
        ? [key, Object.fromEntries(Object.entries(value).map(([name, one]) => [name, orNull(one)]))]
        : [key, withoutRequired(value)],
    ),
  );
}

function orNull(schema: unknown): unknown {
  return { anyOf: [withoutRequired(schema), { type: 'null' }] };
}

function isMap(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
