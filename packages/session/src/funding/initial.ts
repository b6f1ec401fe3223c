import { MAX_WIN_PROB as MAX_QUANTA } from '@lp/pm';
import type { OpeningPayment } from '../reserve/opening-payment.ts';
import { amountNs, type Tariff, ticketAmount, unitAmount } from './amount.ts';
import { openedLead } from './lead.ts';
import type { FundingConfig, FundingState } from './state.ts';
import type { Terms } from './terms.ts';

const SECOND_NS = 1_000_000_000n;

/** A session just after its reservation was answered. */
export interface OpenedAccount {
  readonly tariff: Tariff;
  readonly mode: FundingConfig['mode'];
  readonly opening: OpeningPayment;
  readonly terms: Terms;
  /** When the paid request left, and when it was answered. */
  readonly sentNs: bigint;
  readonly repliedNs: bigint;
  readonly debitNs: bigint;
  readonly pollNs: bigint;
  readonly minTargetNs: bigint;
  readonly maxSpendWei: bigint | undefined;
  /** Quanta sent to runners that gave no session: they count against the spend limit. */
  readonly lostQuanta: bigint;
  readonly notReadyLimitNs: bigint;
}

/**
 * The first state. Metering may have begun as soon as the paid request was sent; after a cold start of minutes it has
 * not begun earlier than the opening payment lasts, or the session would be gone by the time of the reply.
 */
export function initialState(account: OpenedAccount): FundingState {
  const { tariff, opening, repliedNs, maxSpendWei } = account;
  const paid = ticketAmount(opening.minted.quanta, tariff);
  const earliest = repliedNs - amountNs(paid, tariff);
  const limit = maxSpendWei === undefined ? undefined : ticketAmount(maxSpendWei * MAX_QUANTA, tariff);
  // A signer that counts whole seconds itself would bill the same second twice.
  const firstPollNs =
    account.mode === 'typed' && opening.mintedNs + SECOND_NS > repliedNs
      ? opening.mintedNs + SECOND_NS
      : repliedNs;
  const startNs = account.sentNs > earliest ? account.sentNs : earliest;
  return {
    config: {
      tariff,
      mode: account.mode,
      startNs,
      debitNs: account.debitNs,
      pollNs: account.pollNs,
      minTargetNs: account.minTargetNs,
      maxSpend: limit === undefined ? undefined : limit - ticketAmount(account.lostQuanta, tariff),
      notReadyLimitNs: account.notReadyLimitNs,
    },
    totals: {
      minted: paid,
      acknowledged: paid,
      lost: 0n,
      payments: 1,
      tickets: opening.minted.tickets,
      lostTickets: 0,
      skips: 0,
      rescues: 0,
    },
    signer: {
      state: opening.state,
      billedUnits: opening.units,
      acceptedNs: opening.mintedNs,
      balance: paid - unitAmount(opening.units, tariff),
      lead: account.mode === 'lead' ? openedLead(paid, tariff, startNs) : undefined,
      notBeforeNs: repliedNs,
      failures: 0,
      stateRefusals: 0,
      stateRefused: false,
      strayed: false,
      unitCap: undefined,
    },
    terms: {
      current: account.terms,
      use: 'in-use',
      refreshes: 0,
      source: 'refresh-payment',
      notBeforeNs: repliedNs,
    },
    pending: undefined,
    minting: undefined,
    capped: false,
    nextPollNs: firstPollNs,
    probe: {
      suspect: false,
      blocking: false,
      notBeforeNs: repliedNs,
      aliveNs: repliedNs,
      notReadySinceNs: undefined,
      unclear: 0,
    },
    rescue: { wantedNs: undefined, notBeforeNs: repliedNs },
    roundTrips: [],
    refusedPayments: 0,
    orchestratorDown: false,
    paymentsFailing: false,
    ended: undefined,
  };
}
