#!/usr/bin/env node
// node scripts/support-docs.mjs [REPORT...]: writes the contract table of docs/support.md from vitest's JSON reports of
// `npm test -- --project real test/contract` and `--project lab test/lab/rdp-contract` (.test-results/*.json).
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { contractTable, withTable } from './lib/contract-table.mjs';

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const usual = ['real', 'lab']
  .map((name) => path.join(root, '.test-results', `${name}.json`))
  .filter(existsSync);
const reports = process.argv.length > 2 ? process.argv.slice(2) : usual;
const file = path.join(root, 'docs', 'support.md');
const results = reports
  .flatMap((report) => JSON.parse(readFileSync(report, 'utf8')).testResults)
  .flatMap(({ assertionResults }) => assertionResults);
writeFileSync(file, withTable(readFileSync(file, 'utf8'), contractTable(results)));
console.log(`wrote ${file}`);
