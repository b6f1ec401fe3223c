import { hash } from 'node:crypto';

/** Longest name that the ledger keeps whole, in bytes of UTF-8: three of them fit an index entry of Postgres (2,704). */
export const MOST_NAME_BYTES = 512;
/** Characters kept of a longer one, before its hash. */
const KEPT = 100;

/**
 * A caller's text as every database takes it: well formed, without the character that ends strings in C, and bounded. Of a
 * longer one the beginning stays, with a hash that tells it from others.
 */
export function storable(text: string): string {
  const good = text.toWellFormed().replaceAll('\0', '\uFFFD');
  if (Buffer.byteLength(good) <= MOST_NAME_BYTES) return good;
  return `${good.slice(0, KEPT).toWellFormed()}~${hash('sha256', good).slice(0, 32)}`;
}

/** Whether the ledger keeps a text as it is. */
export function isStorable(text: string): boolean {
  return storable(text) === text;
}
