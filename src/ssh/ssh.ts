/** Everything that other folders use of src/ssh. */
export { listAliases } from './aliases.ts';
export type { Account, Prompt, Prompter, PromptRequest, SecretStore } from './auth/auth.ts';
export { accountOf } from './auth/auth.ts';
export type { LoginMethod } from './auth/provider.ts';
export type { Login, PtyOptions, SshConnection } from './connection.ts';
export { type ConnectOptions, createPool, type FreshLogin, type Pool, type PoolDeps } from './pool.ts';
export type { RelayRecipe } from './relay.ts';
export type { Sftp } from './sftp.ts';
export type { SshEnvironment } from './ssh-config.ts';
export { keysIgnored } from './strict-modes.ts';
export type { ResolvedTarget, SshTarget } from './target.ts';
export { parseDestination } from './target.ts';
export { type PresentedKey, recordHostKey, scanHostKey } from './trust.ts';
