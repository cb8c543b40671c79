#!/usr/bin/env node
// node scripts/support-docs.mjs [REPORT]: writes the contract table of docs/support.md from vitest's JSON report of
// `npm test -- --project real test/contract` (.test-results/real.json).
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { contractTable, withTable } from './lib/contract-table.mjs';

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const report = process.argv[2] ?? path.join(root, '.test-results', 'real.json');
const file = path.join(root, 'docs', 'support.md');
const { testResults } = JSON.parse(readFileSync(report, 'utf8'));
const results = testResults.flatMap(({ assertionResults }) => assertionResults);
writeFileSync(file, withTable(readFileSync(file, 'utf8'), contractTable(results)));
console.log(`wrote ${file}`);
