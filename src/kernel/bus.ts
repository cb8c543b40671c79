/** A message bus, as far as hotdesk needs one: platform/dbus opens it, discovery and others speak through it. */

export interface BusCall {
  /** Well-known or unique name of who is called. */
  readonly destination: string;
  readonly path: string;
  readonly interface: string;
  readonly member: string;
  /** D-Bus signature of `body`. */
  readonly signature?: string | undefined;
  readonly body?: readonly unknown[] | undefined;
}

export interface BusSignal {
  /** Unique name of who sent it. */
  readonly sender: string;
  readonly path: string;
  readonly interface: string;
  readonly member: string;
  readonly body: readonly unknown[];
}

export interface Bus {
  /** The values of the reply. @throws HotdeskError with the bus's own words; `timeout`; `connection-lost` */
  call(call: BusCall): Promise<readonly unknown[]>;
  /** Every signal that arrives, in the very order of the wire; match rules decide which do. */
  onSignal(listener: (signal: BusSignal) => void): void;
  /** The connection has ended. Calls under way have been refused. */
  onClose(listener: () => void): void;
  close(): void;
}

/** A call that somebody makes of an object of ours. */
export interface IncomingCall {
  /** Unique name of who calls. */
  readonly sender: string;
  readonly path: string;
  readonly interface: string;
  readonly member: string;
  readonly body: readonly unknown[];
}

export interface BusAnswer {
  /** D-Bus signature of `body`; both are left out where there is nothing to say. */
  readonly signature?: string | undefined;
  readonly body?: readonly unknown[] | undefined;
}

/** A bus on which we have objects that others call. */
export interface ServingBus extends Bus {
  /** Our unique name. */
  readonly name: string;
  /** Who answers calls: undefined means that there is no such object or method. Thrown errors are told to the caller. */
  onCall(answer: (call: IncomingCall) => BusAnswer | undefined): void;
  /** Sends a signal of an object of ours to everybody who listens. */
  emit(signal: Omit<BusSignal, 'sender' | 'body'> & BusAnswer): void;
}

/** @throws HotdeskError where there is no bus */
export type OpenBus = () => Promise<Bus>;
