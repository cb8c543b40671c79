// node scripts/run-ts.mjs scripts/protocol-docs.ts: writes the generated parts of docs/protocol.md; with --check compares.
import { readFileSync } from 'node:fs';
import { withGenerated } from '../src/cli/protocol-docs.ts';
import { writeOrCheck } from './lib/generated.ts';

const file = 'docs/protocol.md';
writeOrCheck(
  file,
  withGenerated(readFileSync(file, 'utf8')),
  'node scripts/run-ts.mjs scripts/protocol-docs.ts',
);
