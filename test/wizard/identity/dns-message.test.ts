import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { sshfpAnswer, sshfpQuestion } from '../../../src/wizard/identity/dns-message.ts';

/** The question as a server would answer it: flags, and whole records. */
function answer(flags: number, records: readonly Buffer[], name = 'alpha.example'): Buffer {
  const asked = sshfpQuestion(7, name);
  const message = Buffer.concat([asked.subarray(0, asked.length - 11), ...records]);
  message.writeUInt16BE(flags, 2);
  message.writeUInt16BE(records.length, 6);
  return message;
}

function record(type: number, data: readonly number[]): Buffer {
  const head = Buffer.from([0xc0, 12, 0, type, 0, 1, 0, 0, 1, 44, 0, data.length]);
  return Buffer.concat([head, Buffer.from(data)]);
}

describe('the question', () => {
  it('asks for SSHFP with RD and AD', () => {
    const asked = sshfpQuestion(0x1234, 'alpha.example');
    expect(asked.toString('hex')).toBe(
      `123401200001000000000001${'05616c706861076578616d706c6500'}002c0001${'00002904d0000000000000'}`,
    );
  });
});

describe('the answer', () => {
  it('has its records, past an alias, and says whether it is authentic', () => {
    const got = sshfpAnswer(
      answer(0x81a0, [record(5, [0xc0, 12]), record(44, [4, 2, 1, 2, 3])]),
      7,
      'Alpha.example',
    );
    expect(got).toEqual({
      code: 0,
      authentic: true,
      truncated: false,
      records: [{ algorithm: 4, type: 2, fingerprint: Buffer.from([1, 2, 3]) }],
    });
    expect(sshfpAnswer(answer(0x8180, []), 7, 'alpha.example')).toMatchObject({
      authentic: false,
      records: [],
    });
    expect(sshfpAnswer(answer(0x8383, []), 7, 'alpha.example')).toMatchObject({ code: 3, truncated: true });
  });

  it('to another question, by another id, or a question itself, is none', () => {
    expect(sshfpAnswer(answer(0x81a0, []), 8, 'alpha.example')).toBeUndefined();
    expect(sshfpAnswer(answer(0x81a0, []), 7, 'beta.example')).toBeUndefined();
    expect(sshfpAnswer(answer(0x0120, []), 7, 'alpha.example')).toBeUndefined();
  });

  it('that is cut off or made up never throws', () => {
    const good = answer(0x81a0, [record(44, [4, 2, 1, 2, 3])]);
    fc.assert(
      fc.property(fc.nat(good.length), fc.uint8Array({ maxLength: 200 }), (cut, tail) => {
        sshfpAnswer(Buffer.concat([good.subarray(0, cut), tail]), 7, 'alpha.example');
      }),
    );
  });
});
