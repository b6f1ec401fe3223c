import { keccak256 } from '#crypto';
import { checksumAddress } from './address.ts';
import { bytesToHex, hexToBytes } from './hex.ts';
import type { Hex } from './types.ts';
import { uint256Bytes } from './uint256.ts';

/** Keccak-256 of no bytes: the body hash of a payment without a segment. */
export const EMPTY_HASH: Hex = '0xc5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470';

/**
 * What a sender signs to show who it is, `OrchestratorRequest.sig`: keccak-256 of the EIP-55 address as text, 32 bytes,
 * to be signed as a personal message (payments.md section 2.3, "double").
 *
 * @throws HexError unless `address` is 20 bytes of hex.
 */
export function loginMessage(address: Hex): Uint8Array {
  return keccak256(new TextEncoder().encode(checksumAddress(address)));
}

/** What else a segment signature covers; a live payment has none of it. */
export interface SegmentContent {
  /** Sequence number; 0 by default. */
  readonly sequence?: bigint;
  /** 32 bytes: keccak-256 of the body; of no body by default. */
  readonly hash?: Hex;
  /** Names of the transcoding profiles, in order. */
  readonly profileNames?: readonly string[];
}

/**
 * What is signed for the `Livepeer-Segment` header: keccak-256 of manifest id, sequence, body hash and profiles, 32
 * bytes, to be signed as a personal message (payments.md section 3.2).
 *
 * @throws HexError, RangeError for content out of range.
 */
export function segmentMessage(manifestId: string, content: SegmentContent = {}): Uint8Array {
  return keccak256(segmentPreimage(manifestId, content));
}

/** The bytes behind `segmentMessage`. */
export function segmentPreimage(manifestId: string, content: SegmentContent = {}): Uint8Array {
  const encoder = new TextEncoder();
  const id = encoder.encode(manifestId);
  const profiles = encoder.encode(
    (content.profileNames ?? [])
      .map((name) => bytesToHex(keccak256(encoder.encode(name)).subarray(0, 4)).slice(2))
      .join(''),
  );
  const bytes = new Uint8Array(id.length + 64 + profiles.length);
  bytes.set(id);
  bytes.set(uint256Bytes(content.sequence ?? 0n), id.length);
  bytes.set(hexToBytes(content.hash ?? EMPTY_HASH, 32), id.length + 32);
  bytes.set(profiles, id.length + 64);
  return bytes;
}
