/** Takes changes of files back. Each looks at what is there, so it may be done twice, or for a change that was never made. */
import { createHash } from 'node:crypto';
import type { Files } from '../files/files.ts';
import { fact } from '../lines.ts';
import type { Line } from '../wizard.ts';
import type { Change } from './change.ts';
import { removeLines } from './line-edit.ts';

/** In hex. */
export function sha256(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/**
 * Takes back a change of the kinds `lines`, `file`, `empty-file`, `folder`, `mode`; others are not its business.
 * @returns what was done, for people; undefined where there was nothing to do
 * @throws HotdeskError `unsafe-file`: the change is still there
 */
export async function undoFileChange(change: Change, files: Files): Promise<Line | undefined> {
  const on = files.where === 'here' ? '' : ` on ${files.name}`;
  switch (change.kind) {
    case 'lines': {
      await files.discardDraft(change.path);
      const now = await files.read(change.path);
      const left = now && removeLines(now, change.lines, change.newline);
      if (left === undefined) return undefined;
      if (left.length === 0 && !change.existed) await files.remove(change.path);
      else await files.write(change.path, left, 0o600);
      return fact(`${change.path}${on}: our line${change.lines.length > 1 ? 's' : ''} removed.`);
    }
    case 'file': {
      await files.discardDraft(change.path);
      const now = await files.read(change.path);
      if (now === undefined) return undefined;
      if (sha256(now) !== change.sha256)
        return fact(`${change.path}${on} has been changed since: left as it is.`);
      await files.remove(change.path);
      return fact(`${change.path}${on} removed.`);
    }
    case 'empty-file':
      if ((await files.read(change.path))?.length !== 0) return undefined;
      await files.remove(change.path);
      return fact(`${change.path}${on} removed.`);
    case 'folder':
      if (!(await files.stat(change.path))) return undefined;
      return (await files.removeFolder(change.path)) ? fact(`${change.path}${on} removed.`) : undefined;
    case 'mode': {
      const now = await files.stat(change.path);
      if (now?.mode !== change.to) return undefined;
      await files.setMode(change.path, change.from);
      return fact(`${change.path}${on}: mode ${change.from.toString(8)} again.`);
    }
    default:
      return undefined;
  }
}
