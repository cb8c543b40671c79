/**
 * A fingerprint to be read aloud: groups of four characters, each with the word that tells it from what
 * sounds alike. Capitals matter in base64, so they are said.
 */

/** The ICAO spelling alphabet. */
const WORDS =
  'Alfa Bravo Charlie Delta Echo Foxtrot Golf Hotel India Juliett Kilo Lima Mike November Oscar Papa Quebec Romeo Sierra Tango Uniform Victor Whiskey X-ray Yankee Zulu'.split(
    ' ',
  );
const SIGNS: Readonly<Record<string, string>> = { '+': 'plus', '/': 'slash', '=': 'equals' };
const DIGITS = 'zero one two three four five six seven eight nine'.split(' ');

/** `SHA256:` left out, in groups of four: `Zu3k 9Qab …`. */
export function grouped(fingerprint: string): string {
  return (
    bare(fingerprint)
      .match(/.{1,4}/gu)
      ?.join(' ') ?? ''
  );
}

/** Group by group: `ZULU, uniform, three, kilo`. Capitals stand for capitals. */
export function aloud(fingerprint: string): string[] {
  return (bare(fingerprint).match(/.{1,4}/gu) ?? []).map((group) => [...group].map(spoken).join(', '));
}

function spoken(character: string): string {
  const word = WORDS.find((each) => each[0] === character.toUpperCase());
  if (word !== undefined)
    return character === character.toUpperCase() ? word.toUpperCase() : word.toLowerCase();
  return DIGITS[Number(character)] ?? SIGNS[character] ?? character;
}

/**
 * Whether what somebody typed is this fingerprint, however it is grouped and with or without `SHA256:`.
 * Capitals count.
 */
export function isSameFingerprint(typed: string, fingerprint: string): boolean {
  const wanted = bare(fingerprint);
  return wanted.length === 43 && bare(typed.replace(/\s+/gu, '')) === wanted;
}

function bare(fingerprint: string): string {
  return fingerprint.replace(/^SHA256:/iu, '').replace(/=+$/u, '');
}
