import { readFileSync } from 'node:fs';
import { parseProfile } from '../../src/profiles/check.ts';
import { contractFor } from './contract.ts';
import { localRig } from './rig.ts';

for (const name of ['tmux', 'screen', 'dtach', 'xpra', 'vnc']) {
  const file = `profiles/${name}.yaml`;
  const profile = parseProfile(readFileSync(file, 'utf8'), file);
  contractFor('this machine', profile, () => localRig());
}
