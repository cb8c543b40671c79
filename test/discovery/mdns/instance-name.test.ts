import fc from 'fast-check';
import { expect, it } from 'vitest';
import { describedBy, pointedTo } from '../../../src/discovery/mdns/instance-name.ts';
import { SERVICE_TYPES } from '../../../src/discovery/services.ts';

it('is the first label as it was written, in whatever case the rest is', () => {
  expect(pointedTo('_SSH._tcp.LOCAL.', 'My Host v1.2 (x)._ssh._TCP.local.')).toEqual({
    ...{ id: '_ssh._tcp my host v1.2 (x)', type: '_ssh._tcp', name: 'My Host v1.2 (x)' },
  });
});

it('is none of ours: another type, a pointer to another type, or to nothing', () => {
  expect(pointedTo('_http._tcp.local', 'a._http._tcp.local')).toBeUndefined();
  expect(pointedTo('_ssh._tcp.local', 'a._xpra._tcp.local')).toBeUndefined();
  expect(pointedTo('_ssh._tcp.local', '._ssh._tcp.local')).toBeUndefined();
  expect(pointedTo('_ssh._tcp.local', '_ssh._tcp.local')).toBeUndefined();
  expect(pointedTo('x_ssh._tcp.local', 'a._ssh._tcp.local')).toBeUndefined();
  for (const name of [
    'a._http._tcp.local',
    '_ssh._tcp.local',
    'a._ssh._tcp.local.example.org',
    'a.local',
    '',
  ]) {
    expect(describedBy(name)).toBeUndefined();
  }
});

it('is the same by its pointer and by its description, for whatever name', () => {
  const name = fc.oneof(fc.string({ unit: 'binary', minLength: 1, maxLength: 63 }), fc.constant('Acme Inc.'));
  fc.assert(
    fc.property(name, fc.constantFrom(...SERVICE_TYPES), (label, type) => {
      const full = `${label}.${type}.local`;
      const pointed = pointedTo(`${type}.local`, full);
      expect(pointed).toMatchObject({ type, name: label });
      expect(describedBy(full)).toEqual(pointed);
      expect(describedBy(full.replace(/[a-z]/gu, (letter) => letter.toUpperCase()))?.id).toBe(pointed?.id);
    }),
  );
});

it('tells names that differ in more than the case of ASCII letters apart', () => {
  const ids = ['ä', 'Ä', 'a', 'A', 'a.'].map((label) => describedBy(`${label}._ssh._tcp.local`)?.id);
  expect(new Set(ids).size).toBe(4);
});
