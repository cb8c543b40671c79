import { expect, test } from 'vitest';
import { parseProfile, readYaml } from '../../src/profiles/check.ts';
import { listers } from '../../src/profiles/extend.ts';
import { SMALL, smallProfile } from './small-profile.ts';

const base = (name: string) => (name === 'small' ? readYaml(SMALL, 'small.yaml') : undefined);
const parse = (text: string) => parseProfile(text, 'child.yaml', base);

const CHILD = `
schema: 1
name: child
title: A child
extends: small
can: [start, attach, stop, rename]
start: { launch: { argv: [childctl] } }
options: { size: null, depth: { default: 8 } }
detach: null
thumbnail: null
exec-into: null
`;

test('what a profile does not say is that of the one it extends, null takes away', () => {
  const child = parse(CHILD);
  const small = smallProfile();
  expect(child.start).toEqual({ ...small.start, launch: { argv: ['childctl'] } });
  expect(child.list).toEqual(small.list);
  expect(Object.keys(child.options)).toEqual(['sound', 'depth', 'note']);
  expect(child.options.depth).toEqual({ ...small.options.depth, default: 8 });
  expect(child.detach).toBeUndefined();
});

test.each([
  ['extends: small', 'extends: nobody', 'extends: the name of another profile'],
  ['extends: small', 'extends: Small', 'extends: '],
  ['name: child', 'name: small', 'name: one of its own'],
  ['title: A child', '', 'title: one of its own'],
  ['argv: [childctl]', "argv: [childctl, '{nothing}']", 'start.launch.argv[1]: '],
  ['detach: null', '', 'can: “detach” was expected'],
])('%s → %s is one clear error', (from, to, message) => {
  expect(() => parse(CHILD.replace(from, to))).toThrow(message);
});

test('a profile that extends another cannot be extended', () => {
  const grandchild = CHILD.replace('name: child', 'name: grandchild').replace(
    'extends: small',
    'extends: child',
  );
  expect(() => parseProfile(grandchild, 'g.yaml', () => readYaml(CHILD, 'child.yaml'))).toThrow(
    'extends: a profile that extends none itself',
  );
});

test('each family is listed by one: the one that the others extend, if it is there', () => {
  const small = smallProfile();
  const child = parse(CHILD);
  const other = smallProfile((text) => text.replace('name: small', 'name: other'));
  expect(listers([child, other, small]).map(({ name }) => name)).toEqual(['small', 'other']);
  expect(listers([child]).map(({ name }) => name)).toEqual(['child']);
});
