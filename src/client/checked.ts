/**
 * A client that holds answers and events against the schemas, which are loaded with the first one that
 * needs them: until then the agent has long been at work, and nobody waits for them.
 */
import { HotdeskError, toHotdeskError } from '../kernel/errors.ts';
import type { EventData, EventName, Hello, Method, Params, Result } from '../protocol/api.ts';
import type { CallOptions, Checks, Wire } from '../protocol/wire.ts';
import { BY_HAND } from './envelope.ts';

export class Checked {
  readonly #wire: Wire;
  readonly #load: () => Promise<Checks>;
  #loading: Promise<Checks> | undefined;
  #checks: Checks | undefined;

  /** @param wire greeted, with checks of the envelope @param load gives those that hold from then on */
  constructor(wire: Wire, load: () => Promise<Checks>) {
    this.#wire = wire;
    this.#load = load;
  }

  get agent(): Hello {
    return this.#wire.agent;
  }

  get closed(): boolean {
    return this.#wire.closed;
  }

  async call<M extends Method>(method: M, params: Params<M>, options?: CallOptions): Promise<Result<M>> {
    const result = await this.#wire.call(method, params, options);
    if (BY_HAND.has(method)) return result;
    const checked = (this.#checks ?? (await this.#loaded())).result(method, result);
    if (checked) return checked;
    throw new HotdeskError('protocol-error', `The agent's answer to ${method} is malformed.`);
  }

  on<E extends EventName>(event: E, listener: (data: EventData<E>) => void): () => void {
    const take = (checks: Checks, data: unknown) => {
      const checked = checks.event(event, data);
      if (!checked) throw new HotdeskError('protocol-error', `The agent's ${event} event is malformed.`);
      listener(checked);
    };
    return this.#wire.on(event, (data) => {
      if (this.#checks) take(this.#checks, data);
      // In the order in which they came: whoever waits for an answer has waited longer, or comes later.
      else
        this.#loaded()
          .then((checks) => take(checks, data))
          .catch((error: unknown) => this.#wire.fail(toHotdeskError(error)));
    });
  }

  onClose(listener: (error: HotdeskError) => void): void {
    this.#wire.onClose((error) => {
      if (this.#checks || !this.#loading) listener(error);
      // After the events that came before.
      else
        void this.#loading
          .then(
            () => {},
            () => {},
          )
          .then(() => listener(error));
    });
  }

  close(): void {
    this.#wire.close();
  }

  #loaded(): Promise<Checks> {
    this.#loading ??= this.#load().then((checks) => {
      if (!checks.hello(this.#wire.agent)) {
        throw new HotdeskError('protocol-error', 'That is not a hotdesk agent.');
      }
      this.#checks = checks;
      return checks;
    });
    return this.#loading;
  }
}
