/**
 * The connection for what the user clicks: its calls may ask for a password, in a window. What the tray
 * does by itself goes over another connection, which asks nobody.
 */
import { attend } from '../client/attend.ts';
import { type Client, type ConnectOptions, connect } from '../client/client.ts';
import { askByProgram } from '../client/prompting/askpass.ts';
import { dialogOf } from './askpass.ts';

type Env = Readonly<Record<string, string | undefined>>;

export interface AskingDeps {
  readonly connect: Pick<ConnectOptions, 'paths' | 'uid'>;
  /** Of the login now: its display may change. */
  env(): Env;
  /** Whether a program, by its path or its name in PATH, is there. */
  has(program: string): boolean;
  onFailure(why: string): void;
}

export class AskingClient {
  readonly #deps: AskingDeps;
  #client: Client | undefined;
  #ended = false;

  constructor(deps: AskingDeps) {
    this.#deps = deps;
  }

  /** Undefined while it is not there: then another connection serves, without questions. */
  get client(): Client | undefined {
    return this.#client && !this.#client.closed ? this.#client : undefined;
  }

  /** Never rejects: without it, what needs a password fails as it does in the background. */
  async open(): Promise<void> {
    const { connect: at, onFailure } = this.#deps;
    if (this.client || this.#ended) return;
    try {
      const client = await connect({ ...at, start: 'never', checks: 'envelope' });
      if (this.#ended) return client.close();
      this.#client = client;
      if (!dialogOf(this.#deps.env(), this.#deps.has)) return;
      attend(client, {
        ask: async (prompt, signal) => {
          const env = this.#deps.env();
          const dialog = dialogOf(env, this.#deps.has);
          return dialog && askByProgram(dialog, env, prompt, signal);
        },
        onFailure,
      });
    } catch {
      // The other connection tells what is wrong with the agent.
    }
  }

  end(): void {
    this.#ended = true;
    this.#client?.close();
  }
}
