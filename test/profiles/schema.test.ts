import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { generateSchema } from '../../src/profiles/schema.ts';

test('profiles/schema.json is what the schema says (npm run schema writes it)', () => {
  expect(readFileSync('profiles/schema.json', 'utf8')).toBe(`${JSON.stringify(generateSchema(), null, 2)}\n`);
});

test('the schema refuses keys that no profile has; with `extends` nearly everything may be left out', () => {
  const schema = new Map<string, unknown>(Object.entries(generateSchema()));
  const strict = { type: 'object', additionalProperties: false };
  expect(schema.get('if')).toEqual({ required: ['extends'] });
  expect(schema.get('then')).toMatchObject({
    ...strict,
    required: ['schema', 'name', 'title', 'extends'],
  });
  expect(schema.get('else')).toMatchObject({
    ...strict,
    required: expect.arrayContaining(['detect', 'list', 'watch']),
  });
});
