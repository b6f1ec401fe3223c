import type { Ratio } from '@lp/pricing';
import type { Hex, TicketExpirationParams, TicketParams } from '@lp/protocol';
import type { ChainHead } from '../chain/port.ts';
import { bytesToHex, bytesToUint } from '../index.ts';
import type { RandCommitment, RecipientRand } from './recipient-rand.ts';
import { faceValueFor, type TicketPolicy, winProbFor } from './ticket-value.ts';

/** L1 blocks that ticket params stay valid (payments.md section 2.4). */
export const PARAMS_LIFETIME_BLOCKS = 40n;

const ZERO_HASH: Hex = `0x${'00'.repeat(32)}`;

/** Everything that new params are made of. */
export interface TicketTerms {
  readonly policy: TicketPolicy;
  readonly recipient: Hex;
  readonly sender: Hex;
  /** Wei per unit in lowest terms. */
  readonly price: Ratio;
  readonly head: ChainHead;
  /** Wei per gas to reckon with: the head's, or the operator's minimum where that is higher. */
  readonly gasPrice: bigint;
  /** Of this sender, wei. */
  readonly maxFloat: bigint;
  /** 32 fresh random bytes. */
  readonly seed: Uint8Array;
  readonly rand: (commitment: RandCommitment) => RecipientRand;
}

/**
 * The round and hash for new tickets: the last initialised round, or the one before when the chain holds no hash
 * for it, as happens on Arbitrum (chain.md section 8). Such tickets live one round less.
 */
export function expirationParamsOf(head: ChainHead): TicketExpirationParams {
  return head.roundBlockHash === ZERO_HASH && head.lastInitializedRound > 0n
    ? { creationRound: head.lastInitializedRound - 1n, creationRoundBlockHash: head.previousRoundBlockHash }
    : { creationRound: head.lastInitializedRound, creationRoundBlockHash: head.roundBlockHash };
}

/**
 * New ticket params for a sender (payments.md section 2.4). A price of 0 gives face value 0 and no chance to win.
 *
 * @throws InsufficientReserveError
 */
export function makeTicketParams(terms: TicketTerms): TicketParams {
  const { policy, recipient, sender, price, head } = terms;
  const free = price.n <= 0n;
  const faceValue = free ? 0n : faceValueFor(policy, terms.gasPrice, terms.maxFloat);
  const winProb = winProbFor(policy.ticketEv, faceValue);
  const seed = bytesToUint(terms.seed);
  const expirationBlock = head.l1Block + PARAMS_LIFETIME_BLOCKS;
  const expirationParams = expirationParamsOf(head);
  const rand = terms.rand({ seed, sender, faceValue, winProb, expirationBlock, price, expirationParams });
  return {
    recipient,
    faceValue,
    winProb,
    recipientRandHash: bytesToHex(rand.hash),
    seed,
    expirationBlock,
    expirationParams,
  };
}
