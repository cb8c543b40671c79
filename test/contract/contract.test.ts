import { contractFor } from './contract.ts';
import { packaged } from './packaged.ts';
import { localRig } from './rig.ts';

for (const name of [
  'tmux',
  'screen',
  'dtach',
  'xpra',
  'xpra-desktop',
  'xpra-shadow',
  'xephyr',
  'xnest',
  'vnc',
  'vnc-shadow',
]) {
  contractFor('this machine', packaged(name), () => localRig());
}
