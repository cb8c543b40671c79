import { Client } from './wire/ssh2.ts';
export const linked = Client;
