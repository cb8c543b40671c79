/** The part of ssh2 1.17 that makes ciphers; its types leave it out. `own-ciphers.ts` says what they are. */
declare module 'ssh2/lib/protocol/crypto.js' {
  const crypto: { createCipher: unknown; createDecipher: unknown };
  export default crypto;
}
