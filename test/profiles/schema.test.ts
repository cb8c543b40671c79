import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { generateSchema } from '../../src/profiles/schema.ts';

test('profiles/schema.json is what the schema says (npm run schema writes it)', () => {
  expect(readFileSync('profiles/schema.json', 'utf8')).toBe(`${JSON.stringify(generateSchema(), null, 2)}\n`);
});

test('the schema refuses keys that no profile has', () => {
  const schema = generateSchema();
  expect(schema).toMatchObject({ type: 'object', additionalProperties: false });
});
