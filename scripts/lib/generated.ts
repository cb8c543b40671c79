import { readFileSync, writeFileSync } from 'node:fs';

/**
 * Writes a generated file, or with `--check` among the arguments compares it only: drift fails.
 * @param command what the reader of the failure should run
 */
export function writeOrCheck(file: string, text: string, command: string): void {
  if (!process.argv.includes('--check')) {
    writeFileSync(file, text);
    console.log(`wrote ${file}`);
    return;
  }
  if (read(file) === text) return;
  console.error(`${file} is not what the code says. Run: ${command}`);
  process.exitCode = 1;
}

function read(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}
