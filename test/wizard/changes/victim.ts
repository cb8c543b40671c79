/** Changes a home as setup does, until it is killed. Arguments: the home, the journal. */
import { writeSync } from 'node:fs';
import { join } from 'node:path';
import { Changes } from '../../../src/wizard/changes/changes.ts';
import { filesHere } from '../../../src/wizard/files/here.ts';
import { Journal } from '../../../src/wizard/journal.ts';

const [home = '', journal = ''] = process.argv.slice(2);
const files = filesHere(home);
const changes = new Changes(new Journal(journal), 'me@alpha', 'key');
const known = join(home, '.ssh', 'known_hosts');

async function run(): Promise<void> {
  writeSync(1, 'begun\n');
  await changes.addLines(files, known, await files.read(known), ['alpha ssh-ed25519 AAAA'], 0o600);
  for (let n = 0; ; n += 1) {
    await changes.createFile(files, join(home, `deep${n}`, 'file'), Buffer.alloc(100_000, 'x'), 0o600);
    await changes.addLines(files, known, await files.read(known), [`host${n} ssh-ed25519 AAAA`], 0o600);
  }
}

void run();
