/** ssh2 as all of hotdesk has it: with our own ciphers. A bundle by itself, loaded with the first connection. */
// In this order: ssh2's key exchange keeps the ciphers that are there when it is loaded.
import './own-ciphers.ts';
import ssh2 from 'ssh2';

export { ssh2 };
