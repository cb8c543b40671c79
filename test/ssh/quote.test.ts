import { execFileSync, spawnSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { forAnyShell, posixCommand } from '../../src/ssh/quote.ts';

describe('posixCommand', () => {
  test('is what /bin/sh turns back into the words', () => {
    const word = fc
      .string({ unit: 'binary', maxLength: 20 })
      .filter((w) => !w.includes('\0') && w.isWellFormed());
    const cases = fc.sample(fc.array(word, { maxLength: 6 }), 60);
    const script = cases
      .map((words) => `(${posixCommand(['printf', '%s\\0', 'begin', ...words])})`)
      .join('\n');
    const out = execFileSync('/bin/sh', ['-c', script]);
    expect(out.toString()).toBe(
      cases.map((words) => ['begin', ...words].map((w) => `${w}\0`).join('')).join(''),
    );
  });

  test.each([[[]], [['']], [['-c', 'x']], [['a\0']], [['a', '\ud800']]])('refuses %j', (argv) => {
    expect(() => posixCommand(argv)).toThrow(expect.objectContaining({ code: 'bad-argument' }));
  });

  test('refuses a program with = only where env(1) would take it for a variable', () => {
    expect(posixCommand(['a=b'])).toBe("exec 'a=b'");
    expect(() => posixCommand(['a=b'], { X: '1' })).toThrow(
      expect.objectContaining({ code: 'bad-argument' }),
    );
  });
});

describe('forAnyShell', () => {
  test('uses nothing that a login shell could take for its own, whatever the script', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (script) => {
        const line = forAnyShell(script.replaceAll('\0', '').toWellFormed());
        expect(line).toMatch(/^[ -~]*$/u);
        expect(line).not.toContain('!');
        expect(line.split("'").length % 2).toBe(1);
      }),
    );
  });

  test('refuses what the kernel would not take as one argument', () => {
    expect(() => forAnyShell('🦊'.repeat(10_000))).toThrow(expect.objectContaining({ code: 'bad-argument' }));
    const most = spawnSync('/bin/sh', ['-c', forAnyShell(`printf %s ${'a'.repeat(110_000)}`)]);
    expect(most.stdout.length).toBe(110_000);
  });
});
