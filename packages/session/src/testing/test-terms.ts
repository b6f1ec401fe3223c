import { bytesToHex, type Hex } from '@lp/pm';
import {
  AUTH_TOKEN_SECONDS,
  type AuthTokenIssuer,
  makeTicketParams,
  type RandCommitment,
  type RecipientRand,
} from '@lp/pm/recipient';
import { ratio } from '@lp/pricing';
import { encodeBase64, encodeOrchestratorInfo, type OrchestratorInfo, type PriceInfo } from '@lp/protocol';
import type { Random } from '@lp/runtime';
import type { TestChain } from './chain-view.ts';

/** What terms are made of. */
export interface TermsOptions {
  readonly url: string;
  readonly recipient: Hex;
  /** Wei. */
  readonly ticketEv: bigint;
  readonly price: PriceInfo;
  readonly chain: TestChain;
  readonly random: Random;
  readonly rand: (commitment: RandCommitment) => RecipientRand;
  readonly tokens: AuthTokenIssuer;
  readonly nowSeconds: bigint;
}

/** Fresh ticket params in an `OrchestratorInfo` without a token, as a payment is answered. */
export function issueInfo(sender: Hex, options: TermsOptions): OrchestratorInfo {
  const { chain, price } = options;
  return {
    transcoder: options.url,
    address: options.recipient,
    priceInfo: price,
    ticketParams: makeTicketParams({
      policy: { ticketEv: options.ticketEv, redeemGas: 1n, txCostMultiplier: 100n, maxFaceValue: 0n },
      recipient: options.recipient,
      sender,
      price: ratio(price.pricePerUnit, price.pixelsPerUnit),
      head: {
        l1Block: chain.l1Block(),
        lastInitializedRound: chain.round,
        roundBlockHash: chain.roundBlockHash,
        previousRoundBlockHash: chain.roundBlockHash,
        currentRoundInitialized: true,
        poolSize: 1n,
        gasPrice: 0n,
      },
      gasPrice: 0n,
      maxFloat: chain.reserve,
      seed: options.random.bytes(32),
      rand: options.rand,
    }),
  };
}

/** A challenge's inside: a new manifest id unless one is given, and a token that names it. */
export function issueChallenge(
  sender: Hex,
  options: TermsOptions,
  manifestId = bytesToHex(options.random.bytes(4)).slice(2),
): { readonly manifestId: string; readonly paymentParams: string } {
  const authToken = options.tokens.issue(manifestId, options.nowSeconds + AUTH_TOKEN_SECONDS);
  const info = { ...issueInfo(sender, options), authToken };
  return { manifestId, paymentParams: encodeBase64(encodeOrchestratorInfo(info)) };
}
