import { readFileSync } from 'node:fs';
import { ratio } from '@lp/pricing';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bytesToHex, hexToBytes, MAX_WIN_PROB } from '../index.ts';
import type { Hex } from '../types.ts';
import { authTokenIssuer } from './auth-token.ts';
import { minimalBytes } from './big-endian.ts';
import { randMessage, recipientRandSource } from './recipient-rand.ts';
import { expirationParamsOf, makeTicketParams } from './ticket-params.ts';
import { faceValueFor, InsufficientReserveError, type TicketPolicy, winProbFor } from './ticket-value.ts';

const vectors = (file: string) =>
  JSON.parse(readFileSync(new URL(`../../../../test/vectors/${file}`, import.meta.url), 'utf8'));
const go = vectors('pm-go-tests.json');
const derived = vectors('pm-derived.json');

const policyOf = (config: Record<string, string>): TicketPolicy => ({
  ticketEv: BigInt(config.ticketEV!),
  redeemGas: BigInt(config.redeemGas!),
  txCostMultiplier: BigInt(config.txCostMultiplier!),
  maxFaceValue: 0n,
});

describe('face value and win probability', () => {
  const policy = policyOf(go.recipientTicketParams.config);

  it.each(go.recipientTicketParams.vectors as Record<string, string>[])(
    'follows the reference node: gas price $gasPrice, max float $maxFloat',
    (row) => {
      const make = () => faceValueFor(policy, BigInt(row.gasPrice!), BigInt(row.maxFloat!));
      if (row.expectedError !== undefined) {
        expect(make).toThrow(InsufficientReserveError);
        expect(make).toThrow(new RegExp(`^${row.expectedError}`));
        return;
      }
      expect(make()).toBe(BigInt(row.expectedFaceValue!));
      expect(winProbFor(policy.ticketEv, make())).toBe(BigInt(row.expectedWinProb!));
    },
  );

  it.each(go.txCostMultiplier.vectors as Record<string, string>[])(
    'gives the face value behind the tx cost multiplier: $gasPrice, $maxFloat',
    (row) => {
      const gasPrice = BigInt(row.gasPrice!);
      const make = () => faceValueFor(policy, gasPrice, BigInt(row.maxFloat!));
      if (row.expected!.startsWith('error')) {
        expect(make).toThrow(/^insufficient sender reserve/);
      } else if (gasPrice > 0n) {
        const { n, d } = ratio(make(), policy.redeemGas * gasPrice);
        expect(d === 1n ? `${n}` : `${n}/${d}`).toBe(row.expected);
      }
    },
  );

  it('says which limit was missed', () => {
    const code = (gasPrice: bigint, maxFloat: bigint) => {
      try {
        faceValueFor(policy, gasPrice, maxFloat);
      } catch (error) {
        return (error as InsufficientReserveError).code;
      }
      return undefined;
    };
    expect(code(1n, 4n)).toBe('face-value-below-ev');
    expect(code(1n, -90n)).toBe('face-value-below-ev');
    expect(code(3_000_000_001n, 29_999_999_999_999n)).toBe('face-value-below-tx-cost');
  });

  it('cuts to the configured maximum', () => {
    expect(faceValueFor({ ...policy, maxFaceValue: 7n }, 0n, 10n ** 10n)).toBe(7n);
  });

  it('rounds up only when the low 64 bits of the remainder are set', () => {
    // 2^256 - 1 is divisible by 3, so this face value leaves a remainder of exactly 3 * 2^64.
    const faceValue = (MAX_WIN_PROB - 3n * 2n ** 64n) / 3n;
    expect(MAX_WIN_PROB % faceValue).toBe(3n * 2n ** 64n);
    expect(winProbFor(1n, faceValue)).toBe(3n);
    expect(winProbFor(1n, faceValue - 1n)).toBe(4n);
  });

  it('never promises less than the wanted EV, apart from remainders divisible by 2^64', () => {
    fc.assert(
      fc.property(
        fc.bigInt({ min: 1n, max: 10n ** 18n }),
        fc.bigInt({ min: 2n, max: 10n ** 6n }),
        (ev, factor) => {
          const faceValue = ev * factor + 1n;
          expect(winProbFor(ev, faceValue) * faceValue).toBeGreaterThanOrEqual(ev * MAX_WIN_PROB);
          expect(winProbFor(ev, faceValue)).toBeLessThanOrEqual(MAX_WIN_PROB);
        },
      ),
    );
  });
});

describe('recipientRand', () => {
  const rand = recipientRandSource(hexToBytes(derived.recipientRand.secret));

  it.each(derived.recipientRand.vectors as Record<string, string>[])('$name', (row) => {
    const [n = '0', d = '1'] = row.price!.split('/');
    const commitment = {
      seed: BigInt(row.seed!),
      sender: row.sender as Hex,
      faceValue: BigInt(row.faceValue!),
      winProb: BigInt(row.winProb!),
      expirationBlock: BigInt(row.expirationBlock!),
      price: ratio(BigInt(n), BigInt(d)),
      expirationParams: {
        creationRound: BigInt(row.creationRound!),
        creationRoundBlockHash: row.creationRoundBlockHash as Hex,
      },
    };
    expect(bytesToHex(randMessage(commitment))).toBe(row.hmacMessage);
    expect(bytesToHex(rand(commitment).bytes)).toBe(row.recipientRand);
    expect(bytesToHex(rand(commitment).hash)).toBe(row.recipientRandHash);
  });
});

describe('minimalBytes', () => {
  it('is the shortest big-endian form, empty for 0', () => {
    expect(minimalBytes(0n)).toHaveLength(0);
    fc.assert(
      fc.property(fc.bigInt({ min: 1n, max: MAX_WIN_PROB }), (n) => {
        const hex = n.toString(16);
        expect(bytesToHex(minimalBytes(n))).toBe(`0x${hex.length % 2 === 0 ? hex : `0${hex}`}`);
      }),
    );
  });
});

describe('auth tokens', () => {
  it.each(derived.authTokens as Record<string, string>[])('$sessionId until $expiration', (row) => {
    const secret =
      row.secret === undefined ? new TextEncoder().encode(row.secretUtf8) : hexToBytes(row.secret as Hex);
    const issuer = authTokenIssuer(secret);
    const token = issuer.issue(row.sessionId!, BigInt(row.expiration!));
    expect(bytesToHex(token.token)).toBe(row.token);
    expect(issuer.verify(token, BigInt(row.expiration!))).toEqual({ ok: true });
  });

  it('says what is wrong', () => {
    const issuer = authTokenIssuer(new Uint8Array(32).fill(1));
    const token = issuer.issue('a', 100n);
    const reason = (verdict: ReturnType<typeof issuer.verify>) => (verdict.ok ? 'ok' : verdict.reason);
    expect(reason(issuer.verify(undefined, 0n))).toBe('missing auth token');
    expect(reason(issuer.verify({ ...token, sessionId: 'b' }, 0n))).toBe('invalid auth token');
    expect(reason(issuer.verify({ ...token, expiration: 101n }, 0n))).toBe('invalid auth token');
    expect(reason(issuer.verify({ ...token, token: token.token.subarray(1) }, 0n))).toBe(
      'invalid auth token',
    );
    expect(reason(issuer.verify({ ...token, expiration: 99n }, 101n))).toBe('invalid auth token');
    expect(reason(issuer.verify(token, 100n))).toBe('ok');
    expect(reason(issuer.verify(token, 101n))).toBe('expired auth token');
  });
});

describe('ticket params', () => {
  const head = {
    l1Block: 1n,
    lastInitializedRound: 5n,
    roundBlockHash: `0x${'ab'.repeat(32)}`,
    previousRoundBlockHash: `0x${'cd'.repeat(32)}`,
    currentRoundInitialized: true,
    poolSize: 1n,
    gasPrice: 100n,
  } as const;
  const terms = {
    policy: policyOf(go.recipientTicketParams.config),
    recipient: derived.keys.recipientAddress.toLowerCase() as Hex,
    sender: derived.keys.senderAddress.toLowerCase() as Hex,
    price: ratio(1n),
    head,
    gasPrice: 100n,
    maxFloat: 10n ** 10n,
    seed: hexToBytes(derived.recipientRand.vectors[0].seed),
    rand: recipientRandSource(hexToBytes(derived.recipientRand.secret)),
  };

  it('puts the parts of section 2.4 together', () => {
    const first = derived.recipientRand.vectors[0];
    const own = {
      ...head,
      lastInitializedRound: BigInt(first.creationRound),
      roundBlockHash: first.creationRoundBlockHash,
    };
    const params = makeTicketParams({ ...terms, head: own });
    expect(params).toEqual({
      recipient: terms.recipient,
      faceValue: 100000000n,
      winProb: BigInt(first.winProb),
      recipientRandHash: first.recipientRandHash,
      seed: BigInt(first.seed),
      expirationBlock: 41n,
      expirationParams: { creationRound: 1n, creationRoundBlockHash: first.creationRoundBlockHash },
    });
  });

  it('is worth nothing at price 0, whatever the reserve', () => {
    const params = makeTicketParams({ ...terms, price: ratio(0n), maxFloat: -1n });
    expect([params.faceValue, params.winProb]).toEqual([0n, 0n]);
  });

  it('falls back to the round before when the chain has no hash', () => {
    expect(expirationParamsOf(head).creationRound).toBe(5n);
    expect(expirationParamsOf({ ...head, roundBlockHash: `0x${'00'.repeat(32)}` })).toEqual({
      creationRound: 4n,
      creationRoundBlockHash: head.previousRoundBlockHash,
    });
    const first = { ...head, lastInitializedRound: 0n, roundBlockHash: `0x${'00'.repeat(32)}` } as const;
    expect(expirationParamsOf(first).creationRound).toBe(0n);
  });
});
