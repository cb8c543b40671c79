/** Options that a profile declares: checking what a user gave, and turning them into arguments. Pure. */
import { HotdeskError } from '../kernel/errors.ts';
import type { OptionSpec, Profile } from '../model/profile.ts';
import { renderArgs, type Values } from './render.ts';

export type OptionValue = string | number | boolean;
export type OptionValues = Readonly<Record<string, OptionValue>>;

/**
 * What the user gave, checked and completed with the defaults. Text from a command line is taken as
 * the option's type (`yes`, `off`, `80`).
 * @param cureOf what to do about one that was not given with the command, such as in the settings
 * @throws HotdeskError `bad-option`, naming the choices
 */
export function checkOptions(
  profile: Profile,
  given: OptionValues,
  cureOf: (name: string) => string | undefined = () => undefined,
): Record<string, OptionValue> {
  for (const name of Object.keys(given)) {
    if (Object.hasOwn(profile.options, name)) continue;
    throw new HotdeskError('bad-option', `${profile.name} has no option “${name}”.`, {
      candidates: Object.keys(profile.options),
      hint: cureOf(name) ?? `See \`hotdesk profiles show ${profile.name} --options\`.`,
    });
  }
  const values: Record<string, OptionValue> = {};
  for (const [name, spec] of Object.entries(profile.options)) {
    const isGiven = Object.hasOwn(given, name);
    values[name] = isGiven ? coerce(profile.name, name, spec, given[name], cureOf(name)) : spec.default;
  }
  return values;
}

const TRUE = new Set(['yes', 'true', 'on', '1']);
const FALSE = new Set(['no', 'false', 'off', '0']);

function coerce(
  profile: string,
  name: string,
  spec: OptionSpec,
  given: OptionValue | undefined,
  hint: string | undefined,
): OptionValue {
  const text = String(given ?? '');
  switch (spec.type) {
    case 'boolean':
      if (TRUE.has(text.toLowerCase())) return true;
      if (FALSE.has(text.toLowerCase())) return false;
      break;
    case 'choice': {
      const choice = spec.choices?.find((each) => String(each) === text);
      if (choice !== undefined) return choice;
      break;
    }
    case 'number': {
      const number = Number(text);
      const low = spec.min ?? Number.NEGATIVE_INFINITY;
      const high = spec.max ?? Number.POSITIVE_INFINITY;
      if (text.trim() !== '' && number >= low && number <= high) return number;
      break;
    }
    case 'text':
      if (text.length <= 200 && new RegExp(`^(?:${spec.pattern ?? '.*'})$`, 'u').test(text)) return text;
      break;
  }
  throw new HotdeskError(
    'bad-option',
    `“${text.slice(0, 60)}” is no value of ${profile}’s option “${name}”: ${expected(spec)}.`,
    { candidates: spec.choices?.map(String) ?? (spec.type === 'boolean' ? ['yes', 'no'] : undefined), hint },
  );
}

/** Options whose value `fit` waits for the size of a screen. */
export function fitting(profile: Profile, values: OptionValues): string[] {
  return Object.entries(profile.options).flatMap(([name, spec]) =>
    spec.fit !== undefined && values[name] === 'fit' ? [name] : [],
  );
}

/** The options with `fit` filled in: with the size of the screen, or what the profile says where nobody knows it. */
export function fitted(
  profile: Profile,
  values: OptionValues,
  screen: { readonly width: number; readonly height: number } | undefined,
): OptionValues {
  const sizes = fitting(profile, values).map((name) => [
    name,
    screen ? `${screen.width}x${screen.height}` : (profile.options[name]?.fit ?? 'fit'),
  ]);
  return { ...values, ...Object.fromEntries(sizes) };
}

/** What an option takes, for people. */
export function expected(spec: OptionSpec): string {
  switch (spec.type) {
    case 'boolean':
      return 'yes or no';
    case 'choice':
      return `one of ${(spec.choices ?? []).join(', ')}`;
    case 'number':
      return `a number${spec.min === undefined ? '' : ` from ${spec.min}`}${spec.max === undefined ? '' : ` to ${spec.max}`}`;
    case 'text':
      return spec.pattern ? `text of the form ${spec.pattern}` : 'text';
  }
}

/** Arguments that the options make in one command. Values are those of `checkOptions`. */
export function optionArgs(profile: Profile, at: 'start' | 'view', options: OptionValues): string[] {
  return Object.entries(profile.options).flatMap(([name, spec]) => {
    const args = spec[at];
    const value = options[name] ?? spec.default;
    if (!args) return [];
    if (spec.type === 'boolean') return renderArgs((value ? args.on : args.off) ?? [], {});
    // The default is what the backend does anyway.
    return value === spec.default ? [] : renderArgs(args.set ?? [], { value } satisfies Values);
  });
}
