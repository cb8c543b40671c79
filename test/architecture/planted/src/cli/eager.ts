import { main } from '../agent/main.ts';
export const eager = main;
