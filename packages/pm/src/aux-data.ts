import { writeHex } from './hex.ts';
import type { Hex } from './types.ts';
import { MAX_UINT256, writeUint256 } from './uint256.ts';

/** A part of a ticket is out of its range or malformed. Nothing was hashed or signed. */
export class TicketError extends Error {
  override readonly name = 'TicketError';
  readonly code = 'invalid-ticket';
  /** Name of the part. */
  readonly field: string;
  constructor(field: string, expected: string, options?: { cause: unknown }) {
    super(`ticket ${field} must be ${expected}`, options);
    this.field = field;
  }
}

/**
 * The round that a ticket commits to, as hashed: 64 bytes, or none when round **and** block hash are zero
 * (payments.md section 2.1).
 *
 * @throws TicketError
 */
export function auxData(creationRound: bigint, creationRoundBlockHash: Hex): Uint8Array {
  const bytes = new Uint8Array(64);
  return writeAuxData(bytes, 0, creationRound, creationRoundBlockHash) === 0 ? bytes.subarray(0, 0) : bytes;
}

/** Writes aux data at `offset` and says how many bytes it takes: 64 or 0. */
export function writeAuxData(target: Uint8Array, offset: number, round: bigint, blockHash: Hex): 0 | 64 {
  writeUint256Field(target, offset, 'creationRound', round);
  writeHexField(target, offset + 32, 'creationRoundBlockHash', blockHash, 32);
  for (let index = offset; index < offset + 64; index++) if (target[index] !== 0) return 64;
  return 0;
}

/** `writeHex` that names the part of the ticket in its error. */
export function writeHexField(
  target: Uint8Array,
  offset: number,
  field: string,
  hex: Hex,
  length: number,
): void {
  try {
    writeHex(target, offset, hex, length);
  } catch (cause) {
    throw new TicketError(field, `0x and ${length} bytes of hex`, { cause });
  }
}

/** `writeUint256` that checks the range and names the part of the ticket in its error. */
export function writeUint256Field(target: Uint8Array, offset: number, field: string, value: bigint): void {
  if (value < 0n || value > MAX_UINT256) throw new TicketError(field, 'between 0 and 2^256 - 1');
  writeUint256(target, offset, value);
}
