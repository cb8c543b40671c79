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

/** @throws HotdeskError where there is no bus */
export type OpenBus = () => Promise<Bus>;
