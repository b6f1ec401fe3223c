import {
  AUTH_TOKEN_SECONDS,
  type AuthTokenIssuer,
  InsufficientReserveError,
  makeTicketParams,
  maxFloat,
  type RandCommitment,
  type RecipientRand,
  type TicketPolicy,
} from '@lp/pm/recipient';
import { type Ratio, ratio } from '@lp/pricing';
import type { Hex, OrchestratorInfo, PriceInfo, TicketParams } from '@lp/protocol';
import { type AuthToken, encodeBase64, encodeOrchestratorInfo, formatChallenge } from '@lp/protocol';
import type { Clock, Random } from '@lp/runtime';
import { ChainBusyError, type ChainView } from './chain-view.ts';
import { ChainUnreachableError } from './head-watch.ts';
import { PaymentRefusal } from './refusal.ts';

/** Makes what an orchestrator offers: ticket params, tokens, and the messages around them. */
export interface TermsMaker {
  /** A fresh token for a session. */
  token(sessionId: string): AuthToken;
  /**
   * The offer to `sender` at `price` under `token` (live-runner.md section 8.1). `signed` tells whether the sender has
   * proved that it is the sender, or anybody may have named it.
   *
   * @throws PaymentRefusal 500 for an insufficient reserve, 503 while the chain is unreachable or too many ask.
   */
  info(
    sender: { readonly address: Hex; readonly signed: boolean },
    price: PriceInfo,
    token: AuthToken,
  ): Promise<OrchestratorInfo>;
  /** The challenge around an offer, as JSON text. */
  challenge(info: OrchestratorInfo, manifestId: string, paymentUrl: string): string;
}

/** Terms of one recipient. */
export function termsMaker(deps: {
  readonly view: ChainView;
  readonly policy: TicketPolicy;
  readonly recipient: Hex;
  /** Address of the node, `OrchestratorInfo.address`. */
  readonly address: Hex;
  readonly serviceUrl: () => string;
  /** Least gas price to reckon with, wei per gas. */
  readonly minGasPriceWei: bigint;
  readonly paymentIntervalMs: number;
  readonly tokens: AuthTokenIssuer;
  readonly rand: (commitment: RandCommitment) => RecipientRand;
  readonly pendingOf: (sender: Hex) => bigint;
  readonly random: Random;
  readonly clock: Clock;
}): TermsMaker {
  const { view, policy, recipient } = deps;
  const seeds = seedSource(deps.random);

  const ticketParams = async (
    { address: sender, signed }: { readonly address: Hex; readonly signed: boolean },
    price: Ratio,
  ): Promise<TicketParams> => {
    const head = view.heads.current();
    const funds = await (signed ? view.sender(sender) : view.stranger(sender));
    return makeTicketParams({
      policy,
      recipient,
      sender,
      price,
      head,
      gasPrice: head.gasPrice > deps.minGasPriceWei ? head.gasPrice : deps.minGasPriceWei,
      maxFloat: maxFloat({
        sender: funds.info,
        poolSize: head.poolSize,
        claimedByRecipient: funds.claimed,
        pending: deps.pendingOf(sender),
      }),
      seed: seeds(),
      rand: deps.rand,
    });
  };

  return {
    token(sessionId) {
      const now = BigInt(Math.floor(deps.clock.wallMs() / 1000));
      return deps.tokens.issue(sessionId, now + AUTH_TOKEN_SECONDS);
    },
    async info(sender, price, token) {
      try {
        return {
          transcoder: deps.serviceUrl(),
          ticketParams: await ticketParams(sender, ratio(price.pricePerUnit, price.pixelsPerUnit)),
          priceInfo: price,
          address: deps.address,
          authToken: token,
        };
      } catch (cause) {
        throw termsRefusal(cause, sender.address);
      }
    },
    challenge: (info, manifestId, paymentUrl) =>
      formatChallenge({
        paymentParams: encodeBase64(encodeOrchestratorInfo(info)),
        orchestrator: deps.serviceUrl(),
        manifestId,
        paymentUrl,
        paymentIntervalMs: deps.paymentIntervalMs,
      }),
  };
}

const SEED_BYTES = 32;
const SEEDS_AT_ONCE = 64;

/** Fresh seeds, drawn many at a time: one small draw costs as much as 64. */
function seedSource(random: Random): () => Uint8Array {
  let drawn = new Uint8Array(0);
  let used = 0;
  return () => {
    if (used === drawn.length) {
      drawn = Uint8Array.from(random.bytes(SEEDS_AT_ONCE * SEED_BYTES));
      used = 0;
    }
    used += SEED_BYTES;
    return drawn.subarray(used - SEED_BYTES, used);
  };
}

function termsRefusal(cause: unknown, sender: Hex): PaymentRefusal {
  if (cause instanceof InsufficientReserveError) {
    return new PaymentRefusal('insufficient-reserve', 500, cause.message, { cause });
  }
  if (cause instanceof ChainUnreachableError) {
    return new PaymentRefusal('chain-unreachable', 503, cause.message, { cause });
  }
  if (cause instanceof ChainBusyError) {
    return new PaymentRefusal('chain-busy', 503, cause.message, { cause });
  }
  const text = `could not get sender info for ${sender}; try again later`;
  return new PaymentRefusal('chain-unreachable', 503, text, { cause });
}
