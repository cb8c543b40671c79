import { paths } from '../platform/paths.ts';
export const up = paths;
