import { type Price, type Ratio, ratio, subRatio } from '@lp/pricing';
import { amountWei, unitAmount, unitsIn } from './funding/amount.ts';
import type { EndReason, FundingState } from './funding/state.ts';

/** Tickets of one kind. */
export interface TicketSum {
  readonly tickets: number;
  /** Exact expected value. */
  readonly wei: Ratio;
}

/**
 * What a session cost, exact. `paid - fees = difference`, and the difference is explained part by part:
 * `ahead + rounding - lost - undecided = difference.wei`.
 */
export interface Receipt {
  readonly sessionId: string;
  readonly app: string;
  readonly runner: string;
  readonly orchestrator: string;
  readonly reason: EndReason;
  readonly message: string;
  /** The orchestrator's own reason for a drop. */
  readonly dropReason?: string;
  /** Wall time, milliseconds. */
  readonly openedMs: number;
  readonly closedMs: number;
  /** By a clock that never jumps. */
  readonly durationNs: bigint;
  /** Absent for a free session. */
  readonly price?: Price;
  /** Price x time: whole units, **rounded down**, and their fee. The orchestrator debits no more than this. */
  readonly fees: { readonly units: bigint; readonly wei: Ratio };
  /** Tickets x EV that the orchestrator acknowledged. */
  readonly paid: TicketSum & { readonly payments: number };
  /** Minted and never credited. */
  readonly lost: TicketSum;
  /** Sent, and the answer is not known. */
  readonly undecided: TicketSum;
  readonly difference: {
    /** `paid - fees`: credit that stays with the orchestrator. */
    readonly wei: Ratio;
    /** Units that were billed and not used: the lead, and the time after the last payment. */
    readonly ahead: Ratio;
    /** What the tickets of the signer are worth beyond the units it billed. */
    readonly rounding: Ratio;
  };
  /** Sent to other runners that gave no session, while this one was opened; in none of the sums above. */
  readonly failover?: Ratio;
  /** Payments minted from a second signer state. */
  readonly rescues: number;
}

/** Identity of a session for its receipt. */
export interface SessionIdentity {
  readonly sessionId: string;
  readonly app: string;
  readonly runner: string;
  readonly orchestrator: string;
  readonly openedMs: number;
}

/** How it ended. */
export interface Ending {
  readonly reason: EndReason;
  readonly message: string;
  readonly dropReason?: string;
  readonly closedMs: number;
}

const ZERO = ratio(0n);

/** The receipt of a funded session that ended at `nowNs`. */
export function receiptOf(
  identity: SessionIdentity,
  ending: Ending,
  state: FundingState,
  nowNs: bigint,
): Receipt {
  const { tariff } = state.config;
  const wei = (amount: bigint): Ratio => amountWei(amount, tariff);
  const durationNs = nowNs > state.config.startNs ? nowNs - state.config.startNs : 0n;
  const units = unitsIn(durationNs, tariff);
  const undecided = state.pending;
  const paid = wei(state.totals.acknowledged);
  const fees = wei(unitAmount(units, tariff));
  const lost = wei(state.totals.lost);
  const unknown = wei(undecided?.amount ?? 0n);
  const difference = subRatio(paid, fees);
  const ahead = wei(unitAmount(state.signer.billedUnits - units, tariff));
  return {
    ...identity,
    ...ending,
    durationNs,
    price: tariff.price,
    fees: { units, wei: fees },
    paid: { payments: state.totals.payments, tickets: state.totals.tickets, wei: paid },
    lost: { tickets: state.totals.lostTickets, wei: lost },
    undecided: { tickets: undecided?.tickets ?? 0, wei: unknown },
    difference: {
      wei: difference,
      ahead,
      rounding: wei(
        state.totals.acknowledged +
          state.totals.lost +
          (undecided?.amount ?? 0n) -
          unitAmount(state.signer.billedUnits, tariff),
      ),
    },
    rescues: state.totals.rescues,
  };
}

/** The receipt of a session that is not metered: free, or paid once. */
export function flatReceipt(
  identity: SessionIdentity,
  ending: Ending,
  durationNs: bigint,
  paidOnce?: { readonly price: Price; readonly tickets: number; readonly wei: Ratio },
): Receipt {
  const fees = paidOnce === undefined ? ZERO : ratio(paidOnce.price.wei, paidOnce.price.per);
  const paid = paidOnce?.wei ?? ZERO;
  const difference = subRatio(paid, fees);
  return {
    ...identity,
    ...ending,
    durationNs,
    ...(paidOnce === undefined ? {} : { price: paidOnce.price }),
    fees: { units: paidOnce === undefined ? 0n : 1n, wei: fees },
    paid: { payments: paidOnce === undefined ? 0 : 1, tickets: paidOnce?.tickets ?? 0, wei: paid },
    lost: { tickets: 0, wei: ZERO },
    undecided: { tickets: 0, wei: ZERO },
    difference: { wei: difference, ahead: ZERO, rounding: difference },
    rescues: 0,
  };
}
