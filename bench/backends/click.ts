/** What the tray asks the agent for, by its API: a session's start and its opening, without a command. */
import type { Client } from '../../src/client/client.ts';

/** A client that stays connected, as the tray's does. */
export class Clicks {
  readonly #client: Client;
  readonly #seat: string;

  private constructor(client: Client, seat: string) {
    this.#client = client;
    this.#seat = seat;
  }

  /** @throws Error where no seat is registered at the client's agent */
  static async at(client: Client): Promise<Clicks> {
    const { seats } = await client.call('subscribe', {});
    const seat = seats[0]?.id;
    if (seat === undefined) throw new Error('the agent knows no seat');
    return new Clicks(client, seat);
  }

  /** @param args what `hotdesk start HOST --backend PROFILE --name NAME` gets besides */
  async start(host: string, backend: string, name: string, args: readonly string[]): Promise<void> {
    const wanted = { host, backend, name, ...parse(args), attach: true, seat: this.#seat };
    await this.#client.call('start', wanted);
  }

  async attach(ref: string): Promise<void> {
    await this.#client.call('attach', { ref, mode: 'take', options: {}, seat: this.#seat });
  }

  close(): void {
    this.#client.close();
  }
}

/** `-o NAME=VALUE` as often as there are options, then `--` and the command. */
function parse(args: readonly string[]): { options: Record<string, string>; command: string[] } {
  const end = args.includes('--') ? args.indexOf('--') : args.length;
  const options: Record<string, string> = {};
  for (let i = 0; i < end; i += 2) {
    const [name = '', value = ''] = (args[i + 1] ?? '').split('=');
    if (args[i] !== '-o') throw new Error(`${args[i]} is no -o`);
    options[name] = value;
  }
  return { options, command: args.slice(end + 1) };
}
