import { contractFor } from './contract.ts';
import { packaged } from './packaged.ts';
import { localRig } from './rig.ts';

contractFor('this machine', packaged('rdp-shadow'), () => localRig());
