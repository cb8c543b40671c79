export { Client } from 'ssh2';
