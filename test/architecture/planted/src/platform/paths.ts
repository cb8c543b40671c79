import type { Sibling } from '../ssh/sibling.ts';
export const paths: Sibling = 'a type is a dependency too';
