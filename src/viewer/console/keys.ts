/** What the keys of connection files may hold, and what becomes of each. Pure. */
import { isIPv6 } from 'node:net';
import * as z from 'zod/mini';
import { sanitise } from '../../kernel/text.ts';
import type { ConsoleWishes, Permission } from './console-file.ts';
import { bad } from './lines.ts';

export interface KeyRule {
  /** What its value must be. */
  readonly value: z.ZodMiniType<string>;
  /** Taken only where the user says so. */
  readonly needs?: Permission;
  /** What leaving it out means, where that is to be said. */
  readonly says?: string;
  /** Values that ask for nothing: leaving those out is not worth a word. */
  readonly idle?: RegExp;
  /** Never taken, whatever the user says. */
  readonly never?: true;
}

export type Rules = Readonly<Record<string, KeyRule>>;

const text = (pattern: RegExp) => z.string().check(z.regex(pattern));

/** A name or an address; never one that a program could take for an option. */
const NAME = /^[\p{L}\p{N}](?:[\p{L}\p{N}._-]{0,253}[\p{L}\p{N}.])?$/u;

export function isHost(value: string): boolean {
  const bare = /^\[(.{2,80})\]$/u.exec(value)?.[1] ?? value;
  const [address = '', ...zone] = bare.split('%');
  if (isIPv6(address)) return zone.length === 0 || /^[\w.-]{1,30}$/u.test(zone.join('%'));
  return NAME.test(value);
}

function isPort(value: string): boolean {
  return /^[1-9]\d{0,4}$/u.test(value) && Number(value) <= 65_535;
}

/** `host`, `host:port`, `[address]`, `[address]:port`; undefined for anything else. */
export function splitAddress(value: string): { host: string; port: number | undefined } | undefined {
  if (isHost(value)) return { host: value, port: undefined };
  const at = value.lastIndexOf(':');
  const [host, port] = [value.slice(0, at), value.slice(at + 1)];
  return at > 0 && isHost(host) && isPort(port) ? { host, port: Number(port) } : undefined;
}

export const PORT = z.string().check(z.refine(isPort));
export const HOST_AND_PORT = z.string().check(z.refine((value) => splitAddress(value) !== undefined));
export const SWITCH = text(/^[01]$/u);
/** Text without anything that could hide or turn what is shown. */
export const PLAIN = text(/^[^\p{Cc}\p{Cf}\p{Zl}\p{Zp}]{0,500}$/u);
/** What only a server reads. */
export const OPAQUE = text(/^[^\p{Cc}]{0,8192}$/u);
/** As one of a few words. */
export const oneOf = (...words: readonly string[]) => z.string().check(z.refine((v) => words.includes(v)));
export const numberFrom = (low: number, high: number) =>
  z.string().check(z.refine((v) => /^\d{1,6}$/u.test(v) && Number(v) >= low && Number(v) <= high));
export const like = text;
/** Of a key that is left out whatever it holds. */
export const ANY = z.string();

/** What a file says, key by key, in the order of the file. */
export interface Sorted {
  readonly taken: ReadonlyMap<string, string>;
  readonly leftOut: readonly string[];
}

export interface Entry {
  readonly line: number;
  readonly key: string;
  readonly value: string;
}

/**
 * Takes what the rules allow.
 * @throws HotdeskError `bad-argument`, naming the line and the key, for a value that is not of its key's form
 * or a key that is there twice
 */
export function sortKeys(entries: readonly Entry[], rules: Rules, wishes: ConsoleWishes): Sorted {
  const taken = new Map<string, string>();
  const seen = new Set<string>();
  const leftOut: string[] = [];
  const unknown: string[] = [];
  for (const { line, key, value } of entries) {
    if (seen.has(key)) throw bad(`line ${line} says “${sanitise(key, 60)}” once more`);
    seen.add(key);
    // Windows writes every key, most of them empty.
    if (value === '') continue;
    const rule = Object.hasOwn(rules, key) ? rules[key] : undefined;
    if (!rule) {
      unknown.push(sanitise(key, 40));
      continue;
    }
    if (rule.never || (rule.needs && !wishes[rule.needs])) {
      if (rule.says && !rule.idle?.test(value)) leftOut.push(phrase(key, rule));
      continue;
    }
    if (!rule.value.safeParse(value).success) {
      throw bad(`line ${line} has a value for “${key}” that it cannot have`);
    }
    taken.set(key, value);
  }
  if (unknown.length > 0) {
    const more = unknown.length > 8 ? ` and ${unknown.length - 8} more` : '';
    leftOut.push(`keys that hotdesk does not know: ${unknown.slice(0, 8).join(', ')}${more}`);
  }
  return { taken, leftOut: [...new Set(leftOut)] };
}

function phrase(key: string, { says = '', needs, never }: KeyRule): string {
  const way = needs && !never ? `; -o ${needs}=yes takes it` : '';
  return `${says} (${key}${way})`;
}
