import { describe, expect, it } from 'vitest';
import { aloud, grouped, isSameFingerprint } from '../../../src/wizard/identity/aloud.ts';

const FINGERPRINT = 'SHA256:Zu3k+9/ab0123456789ABCDEFGHIJKLMNOPQRSTUVWXY';

describe('a fingerprint read aloud', () => {
  it('says capitals, digits and signs so that none is taken for another', () => {
    expect(aloud(FINGERPRINT).slice(0, 3)).toEqual([
      'ZULU, uniform, three, kilo',
      'plus, nine, slash, alfa',
      'bravo, zero, one, two',
    ]);
    expect(grouped(FINGERPRINT).split(' ')[0]).toBe('Zu3k');
  });

  it('has as many words as the fingerprint has characters', () => {
    const words = aloud(FINGERPRINT).flatMap((group) => group.split(', '));
    expect(words).toHaveLength(FINGERPRINT.length - 'SHA256:'.length);
  });
});

describe('isSameFingerprint', () => {
  const whole = `SHA256:${'aB3+'.repeat(10)}xyz`;

  it('takes it with and without its name, and in groups', () => {
    for (const typed of [whole, whole.slice(7), grouped(whole), ` ${whole}= `]) {
      expect(isSameFingerprint(typed, whole)).toBe(true);
    }
  });

  it('takes nothing else: other capitals, a part, nothing', () => {
    for (const typed of [whole.toLowerCase(), whole.slice(0, -1), `${whole}x`, '', 'SHA256:']) {
      expect(isSameFingerprint(typed, whole)).toBe(false);
    }
    expect(isSameFingerprint('', '')).toBe(false);
  });
});
