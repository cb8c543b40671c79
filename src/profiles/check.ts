/** A profile's text to a profile, or one clear error. Pure. The agent reads YAML only where it must: see load.ts. */
import { LineCounter, parseDocument, visit } from 'yaml';
import { HotdeskError } from '../kernel/errors.ts';
import type { Profile } from '../model/profile.ts';
import { extended } from './extend.ts';
import { PROFILE_LIMIT } from './limits.ts';
import { bad, checkProfile } from './rules.ts';

const MAX_DEPTH = 12;

/**
 * The profile in `text`.
 * @param file for the message
 * @param baseOf what a profile says that this one may extend, by name
 * @throws HotdeskError `bad-profile`, naming file, path in it, and what was expected
 */
export function parseProfile(
  text: string,
  file: string,
  baseOf: (name: string) => unknown = () => undefined,
): Profile {
  return checkProfile(extended(readYaml(text, file), file, baseOf), file);
}

/**
 * The content of a profile's file, not checked yet.
 * @throws HotdeskError `bad-profile`, naming file and line
 */
export function readYaml(text: string, file: string): unknown {
  if (text.length > PROFILE_LIMIT) throw bad(file, '', `at most ${PROFILE_LIMIT} characters were expected`);
  // A deep nesting would exhaust the parser's stack before it could be measured.
  if (/[[{]{40}/u.test(text)) throw bad(file, '', `at most ${MAX_DEPTH} levels were expected`);
  const lines = new LineCounter();
  try {
    const document = parseDocument(text, { lineCounter: lines, uniqueKeys: true, schema: 'core' });
    const [error] = document.errors;
    if (error) {
      const at = lines.linePos(error.pos[0]);
      throw bad(file, `line ${at.line}`, `YAML was expected: ${error.message.split('\n')[0] ?? ''}`);
    }
    visit(document, {
      Alias: () => {
        throw bad(file, '', 'no YAML aliases were expected');
      },
      Collection: (_key, _node, path) => {
        if (path.length > MAX_DEPTH * 2) throw bad(file, '', `at most ${MAX_DEPTH} levels were expected`);
      },
    });
    return document.toJS({ maxAliasCount: 0 });
  } catch (cause) {
    if (cause instanceof HotdeskError) throw cause;
    throw bad(file, '', 'YAML was expected', cause);
  }
}
