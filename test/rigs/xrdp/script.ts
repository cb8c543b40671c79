import { fileURLToPath } from 'node:url';

/** `serve` of it makes xrdp a service of a host of the lab. */
export const XRDP_SCRIPT = fileURLToPath(new URL('./xrdp.sh', import.meta.url));
