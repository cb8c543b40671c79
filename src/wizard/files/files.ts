/** Files of a machine, as setup changes them: here, there by its shell, or there by SFTP. */
export interface Stat {
  readonly kind: 'file' | 'folder' | 'other';
  /** Permission bits. */
  readonly mode: number;
  readonly uid: number;
}

/** Where a file's new contents are made, beside it: always the same, so that what was left can be found. */
export function draftOf(path: string): string {
  return `${path}.hotdesk-new`;
}

/**
 * All paths are absolute; links are followed, so a file that is a link stays one.
 * @throws HotdeskError `unsafe-file`, with what the machine says, where something cannot be read or written
 */
export interface Files {
  readonly where: 'here' | 'there';
  /** Of the machine, for messages. */
  readonly name: string;
  /** Home folder of the user. */
  readonly home: string;
  stat(path: string): Promise<Stat | undefined>;
  /** At most 4 MiB; undefined where there is none. */
  read(path: string): Promise<Buffer | undefined>;
  /**
   * Puts `bytes` in the place of a file as a whole: whatever happens, the old or the new one is there. An
   * existing file keeps its mode.
   * @param mode of a new one
   */
  write(path: string, bytes: Buffer, mode: number): Promise<void>;
  /** Removes what a write that was cut short (the machine went down, the process was killed) has left beside a file. */
  discardDraft(path: string): Promise<void>;
  /** The folder above it must be there; false where there is one already. */
  makeFolder(path: string, mode: number): Promise<boolean>;
  setMode(path: string, mode: number): Promise<void>;
  /** One that is not there is no fault. */
  remove(path: string): Promise<void>;
  /** Only an empty one. @returns whether it is gone */
  removeFolder(path: string): Promise<boolean>;
}
