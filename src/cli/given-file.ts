/** A file that a command line names: it may be anything. */
import { close, constants, fstat, open, read } from 'node:fs';
import { promisify } from 'node:util';
import { HotdeskError } from '../kernel/errors.ts';

/**
 * The first `limit` bytes of the file.
 * @param shown what the user called it
 * @param hint what to give instead of one that is not there
 * @throws HotdeskError `bad-argument`
 */
export async function contentOf(path: string, shown: string, limit: number, hint: string): Promise<Buffer> {
  let file: number;
  try {
    // A pipe without a writer is refused, not waited for.
    file = await promisify(open)(path, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch (cause) {
    const isMissing = cause instanceof Error && 'code' in cause && cause.code === 'ENOENT';
    throw new HotdeskError('bad-argument', `${shown} ${isMissing ? 'is not there' : 'cannot be read'}.`, {
      hint,
      cause,
    });
  }
  try {
    if (!(await promisify(fstat)(file)).isFile()) {
      throw new HotdeskError('bad-argument', `${shown} is no file.`, { hint });
    }
    const buffer = Buffer.alloc(limit);
    let length = 0;
    for (let got = -1; got !== 0 && length < limit; length += got) {
      got = (await promisify(read)(file, buffer, length, limit - length, null)).bytesRead;
    }
    return buffer.subarray(0, length);
  } finally {
    await promisify(close)(file);
  }
}
