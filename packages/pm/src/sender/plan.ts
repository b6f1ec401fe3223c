import { type Ratio, ratio } from '@lp/pricing';
import type { Hex, TicketExpirationParams } from '@lp/protocol';
import { MAX_WIN_PROB, type Ticket } from '../index.ts';
import { balanceAfter } from './balance.ts';
import { billedToNs, billNow } from './bill.ts';
import { checkCeilings, type PriceCeiling, parseMaxPrice } from './ceilings.ts';
import type { OpenedPayment } from './open.ts';
import { SignerRefusal } from './refusal.ts';
import { checkSession, refreshSession } from './session-check.ts';
import type { SignerState } from './state.ts';
import {
  checkTicketParams,
  type SenderChainView,
  type SenderLimits,
  TicketParamsError,
} from './ticket-checks.ts';
import { mostTickets, ticketsFor } from './ticket-count.ts';
import { ceilingPrice } from './time-price.ts';
import { type PaymentType, statedUnits } from './units.ts';

/** Everything a decision rests on besides the request. */
export interface PlanContext {
  /** Address that the tickets are drawn on. */
  readonly sender: Hex;
  /** Wall clock, unix nanoseconds. */
  readonly nowNs: bigint;
  readonly chain: SenderChainView;
  readonly limits: SenderLimits;
  /** The operator's ceilings; the request's and the session's own are added. */
  readonly ceilings: readonly PriceCeiling[];
  /**
   * Last nonce that the signer knows to be used under the request's `pmSessionId`, whatever the state says: keeps
   * parallel sessions on one challenge from signing a nonce twice. Absent or 0 for none.
   */
  readonly usedNonce?: number;
}

/** A payment that was decided and not yet signed: what a ledger records before a signature exists. */
export interface PaymentPlan {
  readonly opened: OpenedPayment;
  /** Units billed; nanoseconds with exact billing. */
  readonly units: bigint;
  /** Whether `units` are nanoseconds, not units of the price. */
  readonly nanoseconds: boolean;
  /** Wei, exact. */
  readonly fee: Ratio;
  /** Wei per ticket, exact and not reduced: over 2^256 - 1. */
  readonly ticketEv: Ratio;
  /** One ticket per nonce, 1 to 100 of them, ascending. */
  readonly nonces: readonly number[];
  /** The tickets except for their nonces. */
  readonly template: Ticket;
  readonly expirationParams: TicketExpirationParams;
  /** What the session's state becomes. An authoriser may replace it before it is signed. */
  readonly nextState: SignerState;
}

/**
 * Steps 12 to 18 and 20 of remote-signer.md section 2: whether to pay, how many tickets, and the state after.
 * Pure: same input, same plan. The guard against a doubled price of step 18 is not here: the ceilings, which
 * include the session's initial price, refuse that price first.
 *
 * @throws SignerRefusal
 */
export function planPayment(opened: OpenedPayment, context: PlanContext): PaymentPlan {
  const { offer, state } = opened;
  const startNonce = Math.max(
    state.pmSessionId === opened.pmSessionId ? state.senderNonce : 0,
    context.usedNonce ?? 0,
  );
  checkSession(opened, startNonce, context);
  statedUnits(state.type, opened.inPixels);
  checkPrice(opened, context.ceilings);

  const { faceValue, winProb } = offer.ticketParams;
  const ticketEv: Ratio = { n: faceValue * winProb, d: MAX_WIN_PROB };
  const most = mostTickets(ticketEv, context.limits);
  const reach = ticketEv.n === 0n ? undefined : { n: most * ticketEv.n, d: ticketEv.d };
  const bill = billNow(opened, context.nowNs, reach);
  const tickets = ticketsFor(opened, bill, { ticketEv, most });
  checkBatch(opened, tickets, context);

  const balance = balanceAfter(state.balance, tickets, ticketEv, bill.fee);
  const nonces = Array.from({ length: Number(tickets) }, (_, index) => startNonce + index + 1);
  const expirationParams = expirationParamsOf(opened, context.chain);
  return {
    opened,
    units: bill.units,
    nanoseconds: bill.nanoseconds,
    fee: bill.fee,
    ticketEv,
    nonces,
    template: {
      recipient: offer.ticketParams.recipient,
      sender: context.sender,
      faceValue,
      winProb,
      senderNonce: startNonce + 1,
      recipientRandHash: offer.ticketParams.recipientRandHash,
      ...expirationParams,
    },
    expirationParams,
    nextState: {
      ...state,
      balance,
      lastUpdateNs: billedToNs(opened, bill, context.nowNs),
      pmSessionId: opened.pmSessionId,
      senderNonce: startNonce + nonces.length,
    },
  };
}

function checkPrice(
  { offer, state, isNew, maxPrice, funding }: OpenedPayment,
  configured: readonly PriceCeiling[],
): void {
  const ceilings = [...configured];
  if (maxPrice !== undefined) {
    ceilings.push({ source: 'request maxPrice', price: parseMaxPrice(maxPrice, state.type) });
  }
  if (!isNew) {
    if (state.initialPricePerUnit <= 0n || state.initialPixelsPerUnit <= 0n) {
      throw new SignerRefusal(400, 'invalid-state', 'invalid initial price in state');
    }
    const price = ratio(state.initialPricePerUnit, state.initialPixelsPerUnit);
    ceilings.push({ source: 'initial session price', price: ceilingPrice(price, funding.unit) });
  }
  const price = ceilingPrice(offer.price, funding.unit);
  checkCeilings(price, state.type as PaymentType, ceilings); // statedUnits refused other types
}

function checkBatch(
  opened: OpenedPayment,
  tickets: bigint,
  context: Pick<PlanContext, 'chain' | 'limits'>,
): void {
  try {
    checkTicketParams(opened.offer.ticketParams, tickets, context.chain, context.limits);
  } catch (cause) {
    if (cause instanceof TicketParamsError && cause.code === 'expired') throw refreshSession(opened, cause);
    const message = cause instanceof Error ? cause.message : 'ticket params refused';
    throw new SignerRefusal(500, 'batch-refused', message, { cause });
  }
}

/** The orchestrator's round where it names one, else the signer's own (payments.md section 2.5). */
function expirationParamsOf({ offer }: OpenedPayment, chain: SenderChainView): TicketExpirationParams {
  const given = offer.ticketParams.expirationParams;
  if (given !== undefined && given.creationRound !== 0n && !/^0x0*$/.test(given.creationRoundBlockHash)) {
    return given;
  }
  return { creationRound: chain.lastInitializedRound, creationRoundBlockHash: chain.roundBlockHash };
}
