// npm run layers: holds src/ against test/architecture/rules.ts.
import { checkLayers } from '../test/architecture/checker.ts';

const { modules, imports, violations } = await checkLayers(process.cwd());
for (const { rule, from, to } of violations) console.error(`${rule}: ${from} imports ${to}`);
if (modules === 0 || imports === 0) {
  console.error(`layers: read ${modules} modules and ${imports} imports: nothing was checked`);
  process.exitCode = 1;
} else if (violations.length > 0) {
  process.exitCode = 1;
}
console.log(`layers: ${modules} modules, ${imports} imports, ${violations.length} violations`);
