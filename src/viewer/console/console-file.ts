/**
 * A console's connection as somebody handed it out (a `.vv` or `.rdp` file, a URL), read. Whoever wrote it
 * is a stranger: only what is on a list of keys, and has the form of its key, goes on to a viewer.
 */

/** What the user wants of it, over what it says itself; `file`: as it says. */
export interface ConsoleWishes {
  readonly fullscreen: 'file' | 'yes' | 'no';
  readonly clipboard: 'file' | 'yes' | 'no';
  readonly sound: 'file' | 'yes' | 'no';
  readonly scaling: 'file' | 'yes' | 'no';
  /** `file` or WIDTHxHEIGHT. */
  readonly geometry: string;
  /** `file` or a number of bits. */
  readonly depth: string;
  /** Each gives the other side something of this machine, or has it run something: never by the file's own word. */
  readonly programs: boolean;
  readonly microphone: boolean;
  readonly printers: boolean;
  readonly smartcard: boolean;
  readonly usb: boolean;
}

/** The wishes that a stranger's file needs for what could do harm. */
export type Permission = 'programs' | 'microphone' | 'printers' | 'smartcard' | 'usb';

export interface ConsoleFile {
  /** `vv`: for remote-viewer; `rdp`: for FreeRDP. */
  readonly format: 'vv' | 'rdp';
  /** For people, safe to show. */
  readonly name: string;
  /** Where it leads, safe to show; empty for a socket of this machine. */
  readonly host: string;
  /** What the viewer is given as a private file; it may hold a password. */
  readonly text: string;
  /** What of it is not obeyed, in words that are safe to show. */
  readonly leftOut: readonly string[];
  /** It says that it is to be removed when it has been read. */
  readonly once: boolean;
  /** It holds what lets a viewer in. */
  readonly hasPassword: boolean;
  /** The account whose password it does not hold. */
  readonly asks: { readonly user: string; readonly host: string; readonly port: number } | undefined;
}
