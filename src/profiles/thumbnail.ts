/** The picture that a backend made of a session, taken out of whatever else a login printed. Pure. */
import { HotdeskError } from '../kernel/errors.ts';
import type { Thumbnail } from './backend.ts';

const PNG = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
const TEXT_LIMIT = 200_000;

/** @throws HotdeskError `output-unparsable` when it is no PNG */
export function readThumbnail(kind: Thumbnail['kind'], output: Buffer): Thumbnail {
  if (kind === 'text') return { kind, text: onlyColours(output.toString('utf8').slice(0, TEXT_LIMIT)) };
  const from = output.indexOf(PNG);
  if (from < 0) throw new HotdeskError('output-unparsable', 'The session gave no picture.');
  return { kind, data: output.subarray(from) };
}

// ECMA-48: SGR (kept); other control sequences; strings (OSC, DCS, …) to their end; two-byte escapes;
// then every other control character but the line end.
const SEQUENCES = new RegExp(
  [
    '(\\u001b\\[[0-9;:]*m)',
    '(?:\\u001b\\[|\\u009b)[0-?]*[ -/]*[@-~]',
    '\\u001b[\\]PX^_][^\\u0007\\u001b\\u009c]*(?:\\u0007|\\u001b\\\\|\\u009c)?',
    '\\u001b[ -/]*[0-~]?',
    '[\\u0000-\\u0009\\u000b-\\u001f\\u007f-\\u009f\\u202a-\\u202e\\u2066-\\u2069]',
  ].join('|'),
  'gu',
);

/** A terminal's screen with SGR sequences and line ends only: nothing that moves a cursor or sets a title. */
export function onlyColours(text: string): string {
  return text.toWellFormed().replace(SEQUENCES, (_whole, colour?: string) => colour ?? '');
}
