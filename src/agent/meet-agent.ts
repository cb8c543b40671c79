/** The agent of another host, spoken to through its socket there. */
import { orAbort } from '../kernel/abort.ts';
import { toHotdeskError } from '../kernel/errors.ts';
import type { Logger } from '../kernel/log.ts';
import type { Machine } from '../model/machine.ts';
import type { EventData, Inventory, Params } from '../protocol/api.ts';
import { Caller } from '../protocol/caller.ts';
import { noAnswer, whileAnswering } from './answering.ts';

export interface MeetDeps {
  readonly me: { readonly hostId: string; readonly host: string };
  readonly log: Logger;
  onHandover(event: EventData<'handover'>): void;
  /** Somebody stops a session of that host. */
  onStopping(event: EventData<'stopping'>): void;
  /** How a session of that host ended. */
  onEnded(event: EventData<'ended'>): void;
  /** Viewers of this machine on that host's sessions. */
  viewers(): Params<'viewers.announce'>['viewers'];
}

/** It looks at its sessions before it tells of them: it is not asked before this whether it hangs, in ms. */
const MEET_MS = 5000;

/**
 * Tells it who looks at its sessions from here, and listens to it.
 * @param take hears its inventory, now and whenever that changes
 * @returns undefined if nobody answers at `socket` any more, or it hangs
 */
export async function meetAgent(
  machine: Machine,
  socket: string,
  deps: MeetDeps,
  take: (inventory: Inventory) => void,
  signal: AbortSignal,
): Promise<Caller | undefined> {
  let peer: Caller;
  try {
    const stream = await machine.open({ kind: 'unix', path: socket }, signal);
    peer = await Caller.open(stream, { role: 'peer', ...deps.me });
  } catch (error) {
    const { code, message } = toHotdeskError(error);
    if (code === 'agent-version' || code === 'cancelled') throw error;
    deps.log.info({ host: machine.name, code }, `no agent behind its socket: ${message}`);
    return undefined;
  }
  peer.on('inventory', take);
  peer.on('handover', (event) => deps.onHandover(event));
  peer.on('stopping', (event) => deps.onStopping(event));
  peer.on('ended', (event) => deps.onEnded(event));
  const hangs = noAnswer(machine.name);
  try {
    const announce = (inner: AbortSignal) =>
      peer.call('viewers.announce', { viewers: deps.viewers() }, { signal: inner });
    const met = async (inner: AbortSignal) => {
      take(await peer.call('inventory.subscribe', {}, { signal: inner }));
      if (deps.viewers().length) await announce(inner);
    };
    // What is called off is not waited for: its connection ends.
    await orAbort(
      whileAnswering(hangs, () => announce(signal), signal, met, MEET_MS),
      signal,
    );
    return peer;
  } catch (error) {
    peer.close();
    if (error !== hangs) throw error;
    deps.log.info({ host: machine.name, code: hangs.code }, hangs.message);
    return undefined;
  }
}
