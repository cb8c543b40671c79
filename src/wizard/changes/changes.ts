/** Makes changes, each in the journal before it is made; one that fails is put back at once. */
import { posix } from 'node:path';
import type { Files } from '../files/files.ts';
import type { Journal } from '../journal.ts';
import type { StepId } from '../wizard.ts';
import type { Change } from './change.ts';
import { addLines } from './line-edit.ts';
import { sha256, undoFileChange } from './undo-files.ts';

/** The changes of one step for one host. */
export class Changes {
  readonly #journal: Journal;
  readonly #host: string;
  readonly #step: StepId;

  constructor(journal: Journal, host: string, step: StepId) {
    this.#journal = journal;
    this.#host = host;
    this.#step = step;
  }

  /**
   * Journals a change and makes it.
   * @param putBack what is done when `make` fails; then the change counts as never made
   */
  async make<T>(change: Change, make: () => Promise<T>, putBack: () => Promise<unknown>): Promise<T> {
    const id = await this.#journal.begin(this.#host, this.#step, change);
    let result: T;
    try {
      result = await make();
    } catch (error) {
      // Where not even this can be done, the entry stays, for --undo.
      const isBack = await putBack().then(
        () => true,
        () => false,
      );
      if (isBack) await this.#journal.undone(id).catch(() => {});
      throw error;
    }
    await this.#journal.made(id);
    return result;
  }

  /** Makes the folders of `path` that are not there, from the top. @throws HotdeskError `unsafe-file` */
  async ensureFolder(files: Files, path: string, mode = 0o700): Promise<void> {
    if (path === '/' || (await files.stat(path))) return;
    await this.ensureFolder(files, posix.dirname(path), mode);
    const change = { kind: 'folder', where: files.where, path } as const;
    await this.#file(files, change, () => files.makeFolder(path, mode));
  }

  /** Makes a folder that goes with all that comes to be in it; one that is there stays the user's. */
  async ownTree(files: Files, path: string, removeAll: () => Promise<unknown>): Promise<void> {
    if (await files.stat(path)) return;
    await this.ensureFolder(files, posix.dirname(path));
    const change = { kind: 'tree', where: files.where, path } as const;
    await this.make(change, () => files.makeFolder(path, 0o700), removeAll);
  }

  /**
   * Adds lines at the end of a file of lines.
   * @param before what the file holds, as it was just read
   * @param mode of a file that is made
   */
  async addLines(
    files: Files,
    path: string,
    before: Buffer | undefined,
    lines: readonly string[],
    mode: number,
  ): Promise<void> {
    await this.ensureFolder(files, posix.dirname(path));
    const { after, newline } = addLines(before, lines);
    const existed = before !== undefined;
    const change: Change = { kind: 'lines', where: files.where, path, lines: [...lines], newline, existed };
    await this.#file(files, change, () => files.write(path, after, mode));
  }

  /** Makes a file that is not there. */
  async createFile(files: Files, path: string, bytes: Buffer, mode: number): Promise<void> {
    await this.ensureFolder(files, posix.dirname(path));
    const change = { kind: 'file', where: files.where, path, sha256: sha256(bytes) } as const;
    await this.#file(files, change, () => files.write(path, bytes, mode));
  }

  async setMode(files: Files, path: string, from: number, to: number): Promise<void> {
    const change = { kind: 'mode', where: files.where, path, from, to } as const;
    await this.#file(files, change, () => files.setMode(path, to));
  }

  async #file(files: Files, change: Change, make: () => Promise<unknown>): Promise<void> {
    await this.make(change, make, () => undoFileChange(change, files));
  }
}
