import { later } from './lazy-one.ts';
export const back = later;
