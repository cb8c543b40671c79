import { describe, expect, it } from 'vitest';
import { DEFAULT_SET, TEST_SET } from '../../scripts/lib/packages.mjs';
import { missingOf, thisMachine } from '../../scripts/lib/probe.mjs';
import { packageTable } from '../../scripts/lib/table.mjs';

const nothing = { hasCommand: () => false, pythonModules: () => new Set<string>(), hasLibrary: () => false };

describe('missingOf', () => {
  it('finds all missing on an empty machine, and none on a full one', () => {
    const all = [...DEFAULT_SET, ...TEST_SET];
    expect(missingOf(all, nothing)).toEqual(all);
    const full = {
      hasCommand: () => true,
      pythonModules: (names: readonly string[]) => new Set(names),
      hasLibrary: () => true,
    };
    expect(missingOf(all, full)).toEqual([]);
  });

  it('tells commands, Python modules and libraries apart', () => {
    const names = (machine: object) =>
      missingOf([...DEFAULT_SET, ...TEST_SET], { ...nothing, ...machine }).map(({ name }) => name);
    expect(names({ hasCommand: (command: string) => command === 'Xvfb' })).not.toContain('xvfb');
    expect(names({ pythonModules: () => new Set(['PIL']) })).not.toContain('python3-pil');
    expect(names({ hasLibrary: () => true })).not.toContain('libnss-mdns');
  });

  it('asks Python once for all modules, and not at all where none is wanted', () => {
    const asked: (readonly string[])[] = [];
    const machine = {
      ...nothing,
      pythonModules: (names: readonly string[]) => {
        asked.push(names);
        return new Set<string>();
      },
    };
    missingOf(DEFAULT_SET, machine);
    const others = TEST_SET.filter(({ probe }) => !('python' in probe));
    missingOf(others, machine);
    expect(asked).toEqual([['gi._gi_cairo', 'PIL']]);
  });
});

describe('this machine', () => {
  it('has a shell, and no command of a made-up name', () => {
    expect(thisMachine.hasCommand('sh')).toBe(true);
    expect(thisMachine.hasCommand('hotdesk-no-such-command')).toBe(false);
    expect(thisMachine.hasLibrary('libhotdesk-no-such-library.so.9')).toBe(false);
  });
});

describe('the table', () => {
  it('has one line a package, and says what works without a missing one', () => {
    const [xpra] = DEFAULT_SET;
    const lines = packageTable(DEFAULT_SET, xpra ? [xpra] : []);
    expect(lines).toHaveLength(DEFAULT_SET.length);
    expect(lines[0]).toMatch(/^ {2}missing {2}xpra .*without it: tmux serves/u);
    expect(lines.slice(1).every((line) => line.startsWith('  there '))).toBe(true);
  });

  it('goes on in the same column where the terminal ends', () => {
    const whole = packageTable(DEFAULT_SET, DEFAULT_SET);
    const narrow = packageTable(DEFAULT_SET, DEFAULT_SET, 80);
    expect(Math.max(...whole.map((line) => line.length))).toBeGreaterThan(80);
    expect(Math.max(...narrow.map((line) => line.length))).toBeLessThanOrEqual(80);
    const words = (lines: readonly string[]) => lines.join(' ').split(/\s+/u);
    expect(words(narrow)).toEqual(words(whole));
  });

  it('says for each package of the default set what works without it', () => {
    expect(DEFAULT_SET.filter(({ without }) => !without)).toEqual([]);
  });
});
