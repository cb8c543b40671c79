import type { Client } from 'ssh2';
export const lazy = async (): Promise<Client> => new (await import('./wire/ssh2.ts')).Client();
