/** Reads whatever somebody handed out as the way to a console. Pure. */
import type { ConsoleFile, ConsoleWishes } from './console-file.ts';
import { bad, textOf } from './lines.ts';
import { readRdp } from './rdp.ts';
import { isConsoleUrl, readUrl } from './url.ts';
import { readVv } from './vv.ts';

export type { ConsoleFile, ConsoleWishes } from './console-file.ts';
export { withPassword } from './rdp.ts';

/**
 * What is opened, told by what it says and not by the name of its file.
 * @throws HotdeskError `bad-argument`, without any of its values
 */
export function readConsole(data: Uint8Array, wishes: ConsoleWishes): ConsoleFile {
  const text = textOf(data);
  if (isConsoleUrl(text)) return readUrl(text, wishes);
  if (/^[ \t]*\[virt-viewer\]/mu.test(text)) return readVv(text, wishes);
  if (/^(?:full address|alternate full address):s:/imu.test(text)) return readRdp(text, wishes);
  throw bad('it is neither a .vv nor a .rdp file, nor one of the URLs');
}
