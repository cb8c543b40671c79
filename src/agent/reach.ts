/** The way to another host: an SSH connection, and the certainty that it leads to the machine that is meant. */
import { throwIfAborted } from '../kernel/abort.ts';
import { HotdeskError } from '../kernel/errors.ts';
import type { Host } from '../model/host.ts';
import type { Machine } from '../model/machine.ts';
import type { Caller } from '../protocol/caller.ts';
import type { Prompter } from '../ssh/ssh.ts';
import { type Greeting, greetHost } from './greet-host.ts';
import { withPatience } from './patience.ts';

/** An SSH connection as the link uses it. */
export interface RemoteMachine extends Machine {
  onClose(listener: (error: Error | undefined) => void): void;
  /** Ends it, as far as nobody else uses it. */
  letGo(): void;
  readonly login?: { readonly vouchedFor: string | undefined };
}

export interface Connected {
  readonly machine: RemoteMachine;
  /** Undefined on a host without an agent. */
  readonly peer: Caller | undefined;
  readonly greeting: Greeting;
}

/** @param prompter who is asked for passwords; undefined: nobody */
export type Dial = (
  host: Host,
  signal: AbortSignal,
  prompter: Prompter | undefined,
) => Promise<RemoteMachine>;

/** All of it, in ms; more than a server that stalls is given in ssh/line.ts, so that it is told where it did. */
const CONNECT_TIMEOUT_MS = 30_000;

/**
 * Connects, and asks the host who it is. On failure nothing is left of the connection, where nobody else uses it.
 * @param meet what else belongs to it, within the same time: finds the agent there
 * @throws HotdeskError why it cannot be used; `timeout`; `host-key-changed` where another machine answers
 */
export function reach(
  host: Host,
  dial: Dial,
  prompter: Prompter | undefined,
  meet: (machine: RemoteMachine, greeting: Greeting, signal: AbortSignal) => Promise<Caller | undefined>,
): Promise<Connected> {
  const late = new HotdeskError(
    'timeout',
    `${host.name} did not answer within ${CONNECT_TIMEOUT_MS / 1000} s.`,
    { hint: `Run \`hotdesk doctor ${host.name}\`.` },
  );
  return withPatience(CONNECT_TIMEOUT_MS, late, prompter, async (signal, asking) => {
    const machine = await dial(host, signal, asking);
    try {
      const greeting = await greetHost(machine, signal);
      checkIdentity(host, greeting);
      const peer = await meet(machine, greeting, signal);
      if (signal.aborted) peer?.close();
      // Nobody waits for it any more.
      throwIfAborted(signal);
      return { machine, greeting, peer };
    } catch (error) {
      machine.letGo();
      throw error;
    }
  });
}

function checkIdentity(host: Host, { hostId }: Greeting): void {
  const claimed = host.adverts[0]?.hostId;
  if (!claimed || !hostId || claimed === hostId) return;
  throw new HotdeskError('host-key-changed', `${host.name} is not the machine that its advert says it is.`, {
    hint: 'Another machine on this network advertises that name; look at `hotdesk hosts --json`.',
  });
}
