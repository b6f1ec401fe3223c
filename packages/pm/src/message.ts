import { keccak256 } from '#crypto';

const PREFIX = new TextEncoder().encode('\x19Ethereum Signed Message:\n');

/** Prefix, `32`, and room for a hash: most messages here are 32 bytes. Calls are synchronous, so one is enough. */
const short = new Uint8Array(PREFIX.length + 2 + 32);
short.set(PREFIX);
short.set([0x33, 0x32], PREFIX.length);

/** EIP-191 digest of a personal message: what is signed in the end (payments.md section 2.3). 32 bytes. */
export function hashMessage(message: Uint8Array): Uint8Array {
  if (message.length === 32) {
    short.set(message, PREFIX.length + 2);
    return keccak256(short);
  }
  const length = new TextEncoder().encode(String(message.length));
  const bytes = new Uint8Array(PREFIX.length + length.length + message.length);
  bytes.set(PREFIX);
  bytes.set(length, PREFIX.length);
  bytes.set(message, PREFIX.length + length.length);
  return keccak256(bytes);
}
