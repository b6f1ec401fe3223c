/** Whether two byte strings are the same. Not for secrets: the time it takes tells where they differ. */
export function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.compare(a, b) === 0;
}
