import { getBytes, Wallet } from 'ethers';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import derived from '../../../test/vectors/pm-derived.json' with { type: 'json' };
import broker from '../../../test/vectors/ticketbroker.json' with { type: 'json' };
import { anyKey, anyTicket, hex, ticketOf } from '../test/vector-tickets.ts';
import { bytesToHex, hexToBytes } from './hex.ts';
import { hashMessage } from './message.ts';
import { PrivateKeyError, privateKeySigner } from './private-key-signer.ts';
import { SignerAnswerError, signTicket, signTickets } from './sign-tickets.ts';
import { verifyTicketSignature } from './signature.ts';
import { ticketHash } from './ticket-hash.ts';
import type { MessageSigner } from './types.ts';

const plain = ticketOf(derived.signedTickets[0]!.ticket);
const signer = privateKeySigner(hex(derived.keys.senderPrivateKey));

describe('signTicket', () => {
  it.each(derived.signedTickets)('signs nonce $ticket.senderNonce as derived', async (vector) => {
    expect(bytesToHex(hashMessage(hexToBytes(hex(vector.ticketHash))))).toBe(vector.eip191Digest);
    expect(await signTicket(ticketOf(vector.ticket), signer)).toBe(vector.signature);
  });

  it.each(broker.hashAndSignature)('signs what the contract accepts: $name', async (vector) => {
    const key = Object.entries(broker.keys.privateKeys)[vector.signer]![1];
    expect(await signTicket(ticketOf(vector.ticket), privateKeySigner(hex(key)))).toBe(vector.signature);
  });
});

describe('signTickets', () => {
  it('gives one valid signature for each nonce, the same as ethers', async () => {
    const nonces = fc.uniqueArray(fc.integer({ min: 0, max: 0xffffffff }), { maxLength: 5 });
    await fc.assert(
      fc.asyncProperty(anyTicket, nonces, anyKey, async (anyTemplate, list, key) => {
        const local = privateKeySigner(key);
        const template = { ...anyTemplate, sender: local.address };
        const signatures = await signTickets(template, list, local);
        expect(signatures).toHaveLength(list.length);
        for (const [index, senderNonce] of list.entries()) {
          const ticket = { ...template, senderNonce };
          const signature = bytesToHex(signatures[index]!);
          expect(verifyTicketSignature(ticket, signature)).toBe(true);
          expect(signature).toBe(await new Wallet(key).signMessage(getBytes(ticketHash(ticket))));
        }
      }),
      { numRuns: 20 },
    );
  });

  it('sends one batch of distinct 32-byte messages to the signer', async () => {
    const seen: Uint8Array[][] = [];
    const recording: MessageSigner = {
      address: signer.address,
      signMessages(messages, options) {
        seen.push([...messages]);
        return signer.signMessages(messages, options);
      },
    };
    await signTickets(plain, [1, 2, 3], recording);
    expect(seen.map((batch) => batch.map(bytesToHex))).toEqual([
      [1, 2, 3].map((senderNonce) => ticketHash({ ...plain, senderNonce })),
    ]);
    expect(await signTickets(plain, [], recording)).toEqual([]);
  });

  it.each([
    ['too few', [new Uint8Array(65)]],
    ['too many', [new Uint8Array(65), new Uint8Array(65), new Uint8Array(65)]],
    ['64 bytes', [new Uint8Array(65), new Uint8Array(64)]],
  ])('refuses a signer that answers with %s', async (_, answer) => {
    const wrong: MessageSigner = { address: signer.address, signMessages: () => Promise.resolve(answer) };
    await expect(signTickets(plain, [1, 2], wrong)).rejects.toThrow(SignerAnswerError);
  });

  it('stops before signing when the signal is aborted', async () => {
    const reason = new Error('caller left');
    const signal = AbortSignal.abort(reason);
    await expect(signTickets(plain, [1], signer, { signal })).rejects.toBe(reason);
    await expect(signer.signMessages([new Uint8Array(32)], { signal })).rejects.toBe(reason);
  });
});

describe('privateKeySigner', () => {
  it('knows its address and shows nothing of its key', () => {
    expect(signer.address).toBe(derived.keys.senderAddress.toLowerCase());
    expect(Object.keys(signer)).toEqual(['address', 'signMessages']);
    expect(JSON.stringify(signer)).not.toContain('1111');
    fc.assert(
      fc.property(anyKey, (key) => {
        expect(privateKeySigner(key).address).toBe(new Wallet(key).address.toLowerCase());
      }),
      { numRuns: 20 },
    );
  });

  it.each([
    `0x${'00'.repeat(32)}`,
    '0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141',
    `0x${'ff'.repeat(32)}`,
    `0x${'11'.repeat(31)}`,
    `${'11'.repeat(32)}`,
    `0x${'5ecret'.repeat(10)}zzzz`,
    '',
  ])('refuses %j without repeating it', (key) => {
    try {
      privateKeySigner(hex(key));
      expect.unreachable();
    } catch (error) {
      expect(error).toBeInstanceOf(PrivateKeyError);
      const { code, message, cause } = error as PrivateKeyError;
      expect([code, cause]).toEqual(['invalid-private-key', undefined]);
      if (key.length > 4) expect(message).not.toContain(key.slice(2, 10));
    }
  });
});
