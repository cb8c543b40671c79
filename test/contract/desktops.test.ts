import { contractFor } from './contract.ts';
import { packaged } from './packaged.ts';
import { localRig } from './rig.ts';

for (const name of ['x2go', 'rdp-shadow']) {
  contractFor('this machine', packaged(name), () => localRig());
}
