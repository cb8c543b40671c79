/** Templates to arguments. Pure: a value fills one argument or a part of one, and is never parsed again. */
import { HotdeskError } from '../kernel/errors.ts';
import type { Arg, Condition } from '../model/profile-command.ts';

export type Value = string | number | boolean | readonly string[];
export type Values = Readonly<Record<string, Value | undefined>>;

const HOLE = /\{\{|\{(\.\.\.)?([a-zA-Z][\w.-]*)(\|words)?\}/gu;

/** A placeholder of a template. */
export interface Hole {
  readonly name: string;
  /** `{...name}`: a list, as arguments of its own. */
  readonly splice: boolean;
  /** `{name|words}`: a list, quoted as one line. */
  readonly words: boolean;
}

/**
 * The placeholders of `template`.
 * @throws HotdeskError `bad-profile` for a brace that opens none, or a splice that is not alone
 */
export function holesOf(template: string): Hole[] {
  const holes: Hole[] = [];
  const rest = template.replace(HOLE, (whole, dots?: string, name?: string, words?: string) => {
    if (name === undefined) return '';
    const hole = { name, splice: dots !== undefined, words: words !== undefined };
    if (hole.splice && whole !== template) {
      throw new HotdeskError('bad-profile', `“${whole}” must be an argument of its own.`);
    }
    if (hole.splice && hole.words)
      throw new HotdeskError('bad-profile', `“${whole}” is a splice and words at once.`);
    holes.push(hole);
    return '';
  });
  if (rest.includes('{')) {
    throw new HotdeskError('bad-profile', `“${template}” has a brace that is no placeholder.`, {
      hint: 'Write {name}, {...name}, {name|words}, or {{ for a brace itself.',
    });
  }
  return holes;
}

/** Text of `template`; what has no value is empty. A list is joined by spaces unless `|words` quotes it. */
export function renderText(template: string, values: Values): string {
  return template.replace(HOLE, (_whole, _dots?: string, name?: string, words?: string) => {
    if (name === undefined) return '{';
    const value = values[name];
    if (value === undefined) return '';
    if (!isList(value)) return String(value);
    return words === undefined ? value.join(' ') : posixWords(value);
  });
}

/** Arguments of templates, splices and conditional pieces laid out. */
export function renderArgs(args: readonly Arg[], values: Values): string[] {
  return args.flatMap((arg) => {
    if (typeof arg === 'string') return renderArg(arg, values);
    return holds(arg.when, values) ? arg.args.flatMap((each) => renderArg(each, values)) : [];
  });
}

function renderArg(template: string, values: Values): string[] {
  const splice = /^\{\.\.\.([a-zA-Z][\w.-]*)\}$/u.exec(template);
  if (!splice?.[1]) return [renderText(template, values)];
  const value = values[splice[1]];
  if (value === undefined) return [];
  return isList(value) ? [...value] : [String(value)];
}

/** Does a condition hold? A value counts unless it is missing, false, empty or an empty list. */
export function holds(condition: Condition, values: Values): boolean {
  const negated = condition.startsWith('!');
  const [name = '', wanted] = condition.slice(negated ? 1 : 0).split('=', 2);
  const value = values[name];
  const truth =
    wanted === undefined
      ? value !== undefined && value !== false && value !== '' && !(isList(value) && value.length === 0)
      : value !== undefined && String(value) === wanted;
  return truth !== negated;
}

/** The name that a condition asks about. */
export function conditionName(condition: Condition): string {
  return condition.replace(/^!/u, '').replace(/=.*$/su, '');
}

/** Words as one line that a POSIX word splitter (sh, Python's shlex) takes apart again exactly. */
export function posixWords(words: readonly string[]): string {
  return words
    .map((word) => (/^[\w@%+=:,./-]+$/u.test(word) ? word : `'${word.replaceAll("'", `'"'"'`)}'`))
    .join(' ');
}

function isList(value: Value): value is readonly string[] {
  return Array.isArray(value);
}
