import { expect, test } from 'vitest';
import { session, sessionFields } from '../../src/profiles/session-of.ts';

test('what was said becomes typed, limited and safe', () => {
  const spec = { name: '{n}', title: '{t}', windows: '{w}', pid: '{p}', startedAt: '{s}', state: '{state}' };
  const fields = { n: '\u001b[31mx\u202e', t: 'y'.repeat(10_000), w: '3', p: '-1', s: '12x', state: 'gone' };
  const found = sessionFields(spec, fields);
  expect(found).toMatchObject({ name: '[31mx', windows: 3, state: 'dead' });
  expect(found.title?.length).toBeLessThanOrEqual(400);
  expect(found).not.toHaveProperty('pid');
  expect(found).not.toHaveProperty('startedAt');
});

test('an empty answer is no answer: what was known before stays', () => {
  expect(
    session('small', 'app', [{ localId: '7', name: 'first' }, sessionFields({ name: '{n}' }, {})]),
  ).toEqual({
    backend: 'small',
    localId: '7',
    name: 'first',
    kind: 'app',
    state: 'live',
    watchers: [],
  });
});

test('kinds are mapped, strangers are the profile’s own', () => {
  const kind = { value: '{k}', map: { shadow: 'shadow' } as const, else: 'app' } as const;
  expect(sessionFields({ kind }, { k: 'shadow' }).kind).toBe('shadow');
  expect(sessionFields({ kind }, { k: 'constructor' }).kind).toBe('app');
});
