/** Pictures for people who want to see what a test saw: HOTDESK_TEST_SHOTS names their folder. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';

/** Where a picture of that name goes, its folder made; undefined where nobody wants one. */
export function shotFile(name: string): string | undefined {
  const folder = process.env.HOTDESK_TEST_SHOTS;
  if (!folder) return undefined;
  mkdirSync(folder, { recursive: true });
  return join(folder, name);
}
