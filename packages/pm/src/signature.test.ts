import { hashMessage as ethersHashMessage, Wallet } from 'ethers';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import goTests from '../../../test/vectors/pm-go-tests.json' with { type: 'json' };
import broker from '../../../test/vectors/ticketbroker.json' with { type: 'json' };
import { anyKey, hex, ticketOf } from '../test/vector-tickets.ts';
import { bytesToHex, hexToBytes } from './hex.ts';
import { hashMessage } from './message.ts';
import {
  recoverAddress,
  SignatureError,
  verifyMessage,
  verifySignatureBytes,
  verifyTicketSignature,
} from './signature.ts';

const ORDER = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;
const KEY = `0x${'11'.repeat(32)}`;

/** The other signature of the same key over the same digest: n - s and the other v. */
function malleated(signature: Uint8Array): Uint8Array {
  const s = BigInt(bytesToHex(signature.subarray(32, 64)));
  const flipped = hexToBytes(hex(`0x${(ORDER - s).toString(16).padStart(64, '0')}`));
  const other = Uint8Array.from(signature);
  other.set(flipped, 32);
  other[64] = signature[64] === 27 ? 28 : 27;
  return other;
}

describe('verifyMessage', () => {
  it.each(goTests.signatureVerify.vectors)('$expected', ({ address, message, signature, expected }) => {
    const bytes = hexToBytes(hex(message));
    expect(verifyMessage(hex(address), bytes, hex(signature))).toBe(expected === 'ok');
    expect(verifyMessage(hex(address.toLowerCase()), bytes, hexToBytes(hex(signature)))).toBe(
      expected === 'ok',
    );
    const code = {
      'invalid signature length': 'malformed-signature',
      'signature s value too high': 'high-s',
      'signature v value must be 27 or 28': 'bad-v',
    }[expected];
    if (code === undefined) {
      const recovered = recoverAddress(hashMessage(bytes), hex(signature));
      expect(recovered === address.toLowerCase()).toBe(expected === 'ok');
    } else {
      expect(() => recoverAddress(hashMessage(bytes), hex(signature))).toThrow(
        expect.objectContaining({ code }),
      );
    }
  });

  it('takes what ethers signs, and not its malleated twin or another v', async () => {
    await fc.assert(
      fc.asyncProperty(anyKey, fc.uint8Array({ maxLength: 200 }), async (key, message) => {
        const wallet = new Wallet(key);
        const address = hex(wallet.address);
        const signature = hexToBytes(hex(await wallet.signMessage(message)));
        expect(verifyMessage(address, message, signature)).toBe(true);
        expect(recoverAddress(hashMessage(message), signature)).toBe(wallet.address.toLowerCase());
        const twin = malleated(signature);
        expect(verifyMessage(address, message, twin)).toBe(false);
        for (const v of [0, 1, 26, 29, signature[64] === 27 ? 28 : 27]) {
          const changed = Uint8Array.from(signature);
          changed[64] = v;
          expect(verifyMessage(address, message, changed)).toBe(false);
        }
      }),
      { numRuns: 25 },
    );
  });

  it('refuses r or s of 0, or at and above the group order', () => {
    const address = hexToBytes('0x19e7e376e7c213b7e7e7e46cc70a5dd086daff2a');
    const message = new Uint8Array(32);
    const word = (value: bigint) => value.toString(16).padStart(64, '0');
    for (const [r, s] of [
      [0n, 1n],
      [1n, 0n],
      [0n, 0n],
      [ORDER, 1n],
      [2n ** 256n - 1n, 1n],
      [ORDER - 1n, 1n],
    ] as const) {
      const signature = hexToBytes(hex(`0x${word(r)}${word(s)}1b`));
      expect(verifySignatureBytes(address, message, signature)).toBe(false);
    }
    expect(() => recoverAddress(message, hexToBytes(hex(`0x${word(0n)}${word(1n)}1b`)))).toThrow(
      expect.objectContaining({ code: 'unrecoverable' }),
    );
  });

  it('never throws on bytes that are no signature', () => {
    const address = new Uint8Array(20);
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 60, maxLength: 70 }), (signature) => {
        expect(verifySignatureBytes(address, new Uint8Array(32), signature)).toBe(false);
        const v27 = Uint8Array.from({ length: 65 }, (_, index) =>
          index === 64 ? 27 : (signature[index % 60] ?? 0),
        );
        expect(verifySignatureBytes(address, new Uint8Array(32), v27)).toBe(false);
        expect(verifyMessage(bytesToHex(address), new Uint8Array(32), hex(`0x${'zz'.repeat(65)}`))).toBe(
          false,
        );
      }),
    );
  });

  it('says what is wrong with an error that has a code', () => {
    expect(() => recoverAddress(new Uint8Array(32), '0x00')).toThrow(SignatureError);
  });
});

describe('verifyTicketSignature', () => {
  it.each(broker.hashAndSignature)('as the contract: $name', (vector) => {
    const ticket = ticketOf(vector.ticket);
    expect(verifyTicketSignature(ticket, hex(vector.signature))).toBe(true);
    expect(verifyTicketSignature(ticket, hex(vector.signature.toUpperCase().replace('0X', '0x')))).toBe(true);
    expect(
      verifyTicketSignature({ ...ticket, faceValue: ticket.faceValue + 1n }, hex(vector.signature)),
    ).toBe(false);
    expect(verifyTicketSignature({ ...ticket, sender: ticket.recipient }, hex(vector.signature))).toBe(false);
  });

  it.each(broker.redemption.tickets)('as the contract: $name', (vector) => {
    const byOther = vector.name === 'signed by someone else';
    expect(verifyTicketSignature(ticketOf(vector.ticket), hex(vector.signature))).toBe(!byOther);
  });
});

describe('hashMessage', () => {
  it('agrees with ethers at every length', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 1200, size: 'max' }),
        fc.uint8Array({ minLength: 32, maxLength: 32 }),
        (any, word) => {
          expect(bytesToHex(hashMessage(any))).toBe(ethersHashMessage(any));
          expect(bytesToHex(hashMessage(word))).toBe(ethersHashMessage(word));
        },
      ),
    );
    expect(new Wallet(KEY).address.toLowerCase()).toBe('0x19e7e376e7c213b7e7e7e46cc70a5dd086daff2a');
  });
});
