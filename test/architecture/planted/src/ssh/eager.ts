import { Client } from 'ssh2';
export const eager = Client;
