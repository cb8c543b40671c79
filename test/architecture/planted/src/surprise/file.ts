export { main } from '../agent/main.ts';
