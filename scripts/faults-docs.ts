// npm run faults-docs: writes the table of docs/support.md that says which test makes which fault, and fails where a
// packaged profile has a fault that no test makes and nobody gave a reason for, or where such a test is gone.
import { readdirSync, readFileSync } from 'node:fs';
import { GAPS, matrix, PROOFS, problemsOf } from '../test/lab/fault-matrix.ts';
import { writeOrCheck } from './lib/generated.ts';

const FILE = 'docs/support.md';
const BEGIN = '<!-- faults: made by npm run faults-docs -->';
const END = '<!-- /faults -->';
const COMMAND = 'npm run faults-docs';

const profiles = readdirSync('profiles')
  .filter((file) => file.endsWith('.yaml'))
  .map((file) => file.replace(/\.yaml$/u, ''))
  .sort();
const problems = problemsOf(PROOFS, GAPS, profiles, (file) => readFileSync(`test/${file}`, 'utf8'));
if (problems.length > 0) throw new Error(`test/lab/fault-matrix.ts: ${problems.join('; ')}`);
const text = readFileSync(FILE, 'utf8');
const [from, to] = [text.indexOf(BEGIN), text.indexOf(END)];
if (from < 0 || to < from) throw new Error(`${FILE} has no ${BEGIN} and ${END}.`);
const made = `${text.slice(0, from + BEGIN.length)}\n\n${matrix(PROOFS, GAPS, profiles)}\n\n${text.slice(to)}`;
writeOrCheck(FILE, made, COMMAND);
