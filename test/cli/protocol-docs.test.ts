import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { exitTable, withGenerated } from '../../src/cli/protocol-docs.ts';
import { EXIT, SYSTEM_CODES, USER_CODES } from '../../src/kernel/errors.ts';
import { METHODS } from '../../src/protocol/api.ts';
import { API_VERSION, JSON_VERSION } from '../../src/protocol/version.ts';

const text = readFileSync(fileURLToPath(new URL('../../docs/protocol.md', import.meta.url)), 'utf8');

describe('docs/protocol.md', () => {
  it('is what the code says (else: node scripts/run-ts.mjs scripts/protocol-docs.ts)', () => {
    expect(withGenerated(text)).toBe(text);
  });

  it('would be noticed if it were not', () => {
    const stale = text.replace('| 130 |', '| 131 |');
    expect(stale).not.toBe(text);
    expect(withGenerated(stale)).not.toBe(stale);
    expect(() => withGenerated('nothing')).toThrow(/no part/u);
  });

  it('names every method and the versions', () => {
    for (const method of Object.keys(METHODS)) expect(text).toContain(`\`${method}\``);
    expect(text).toContain(`\`version\` is ${JSON_VERSION}.`);
    expect(text).toContain(`(\`hotdesk\` in the handshake, now ${API_VERSION})`);
  });
});

it('the table has every exit code and every error code once', () => {
  const table = exitTable();
  for (const code of Object.values(EXIT)) expect(table).toContain(`| ${code} |`);
  for (const code of Object.keys({ ...USER_CODES, ...SYSTEM_CODES })) {
    expect(table.split(`\`${code}\``)).toHaveLength(2);
  }
});
