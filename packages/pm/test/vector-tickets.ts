import fc from 'fast-check';
import type { Hex, Ticket } from '../src/index.ts';
import { bytesToHex } from '../src/index.ts';

/** A ticket as the vector files write it: integers as decimal text, aux data as one or as two fields. */
interface VectorTicket {
  recipient: string;
  sender: string;
  faceValue: string;
  winProb: string;
  senderNonce: string | number;
  recipientRandHash: string;
  creationRound?: string;
  creationRoundBlockHash?: string;
  auxData?: string;
}

/** The ticket in a vector; aux data of 0 bytes is round 0 with a zero hash. */
export function ticketOf(vector: VectorTicket): Ticket {
  const aux = vector.auxData ?? '0x';
  return {
    recipient: hex(vector.recipient),
    sender: hex(vector.sender),
    faceValue: BigInt(vector.faceValue),
    winProb: BigInt(vector.winProb),
    senderNonce: Number(vector.senderNonce),
    recipientRandHash: hex(vector.recipientRandHash),
    creationRound: BigInt(vector.creationRound ?? (aux === '0x' ? '0' : aux.slice(0, 66))),
    creationRoundBlockHash: hex(
      vector.creationRoundBlockHash ?? `0x${aux === '0x' ? '00'.repeat(32) : aux.slice(66)}`,
    ),
  };
}

/** Text of a vector that is known to be hex. */
export function hex(text: string): Hex {
  // The vector files are fixed; a wrong one fails in the code under test.
  return text as Hex;
}

const word = fc.oneof(fc.bigInt({ min: 0n, max: 2n ** 256n - 1n }), fc.bigInt({ min: 0n, max: 1000n }));
const bytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length }).map(bytesToHex);

/** Any ticket that can be hashed. */
export const anyTicket: fc.Arbitrary<Ticket> = fc.record({
  recipient: bytes(20),
  sender: bytes(20),
  faceValue: word,
  winProb: word,
  senderNonce: fc.integer({ min: 0, max: 0xffffffff }),
  recipientRandHash: bytes(32),
  creationRound: fc.oneof(fc.constant(0n), word),
  creationRoundBlockHash: fc.oneof(fc.constant(hex(`0x${'00'.repeat(32)}`)), bytes(32)),
});

/** Any private key: 1 to n - 1. */
export const anyKey: fc.Arbitrary<Hex> = fc
  .bigInt({ min: 1n, max: 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364140n })
  .map((key) => hex(`0x${key.toString(16).padStart(64, '0')}`));
