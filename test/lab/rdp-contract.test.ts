import { contractFor } from '../contract/contract.ts';
import { packaged } from '../contract/packaged.ts';
import { xrdpRig } from '../rigs/xrdp/xrdp.ts';

contractFor('a host with xrdp', packaged('rdp'), () => xrdpRig());
