/** Logs in on a target by all that this user has: keys, passwords that were kept, and answers. */
import { forwardAgent } from './agent-forward.ts';
import { Asker } from './auth/asker.ts';
import { accountOf, type Prompter, type SecretStore } from './auth/auth.ts';
import { UnlockedKeys } from './auth/key-file.ts';
import { keyboardProvider } from './auth/keyboard.ts';
import { KeyringProvider } from './auth/keyring.ts';
import { passwordProvider } from './auth/password.ts';
import type { AuthProvider, LoginMethod } from './auth/provider.ts';
import { publicKeyProvider } from './auth/publickey.ts';
import { connectLine, type Dialer } from './connect.ts';
import { SshConnection } from './connection.ts';
import type { RelayRecipe } from './relay.ts';
import type { ResolvedTarget } from './target.ts';

export interface LoginsDeps {
  /** Passwords that the user has had kept. */
  readonly secrets?: SecretStore | undefined;
  /** Tried before python3 and socat where sshd forbids forwarding. */
  readonly relays?: readonly RelayRecipe[] | undefined;
}

export interface LoginOptions {
  readonly prompter: Prompter | undefined;
  /** The host that it is on the way to, for prompts. */
  readonly on?: string | undefined;
  readonly forwardAgent?: boolean | undefined;
  /** Somebody is there, even if there is nobody to ask. */
  readonly attended?: boolean | undefined;
  /** By which it may log in; undefined: all. */
  readonly methods?: readonly LoginMethod[] | undefined;
  /** The one key of the ssh-agent that it may use; undefined: all that the target's configuration allows. */
  readonly agentKey?: Buffer | undefined;
}

/** How to get a stream to the target's sshd. */
export interface Way {
  readonly dialer: Dialer;
  /** It is not needed any more. */
  readonly release: () => void;
}

export class Logins {
  readonly #unlocked = new UnlockedKeys();
  readonly #keyring: KeyringProvider | undefined;
  readonly #relays: readonly RelayRecipe[] | undefined;

  constructor({ secrets, relays }: LoginsDeps) {
    this.#keyring = secrets && new KeyringProvider(secrets);
    this.#relays = relays;
  }

  /**
   * The way is released when the connection has ended, or none came.
   * @throws HotdeskError as connectLine does
   */
  async open(
    target: ResolvedTarget,
    { dialer, release }: Way,
    options: LoginOptions,
    signal: AbortSignal,
  ): Promise<SshConnection> {
    const { prompter, on, attended } = options;
    const login = (asker: Asker, aborted?: AbortSignal) =>
      connectLine(target, dialer, this.#providers(options), asker, aborted);
    try {
      const { line, method, label, vouchedFor, hostKey } = await login(
        new Asker(target, { prompter, on, attended }),
        signal,
      );
      if (method === 'password') this.#keyring?.accepted(accountOf(target), label);
      void line.closed.then(release);
      const socket = options.forwardAgent ? target.agentSocket : undefined;
      return new SshConnection({
        target,
        line,
        login: {
          method,
          label,
          vouchedFor,
          hostKey,
          // It may have gone already.
          forwardsAgent: socket !== undefined && (await forwardAgent(line, socket).catch(() => false)),
        },
        dialSpare: async () => (await login(new Asker(target))).line,
        relays: this.#relays,
      });
    } catch (error) {
      release();
      throw error;
    }
  }

  #providers({ methods, agentKey }: LoginOptions): AuthProvider[] {
    const all = [
      publicKeyProvider(this.#unlocked, agentKey),
      ...(this.#keyring ? [this.#keyring] : []),
      passwordProvider(),
      keyboardProvider(),
    ];
    return methods ? all.filter(({ method }) => methods.includes(method)) : all;
  }
}
