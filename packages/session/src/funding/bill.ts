import { ceilDiv } from '@lp/pricing';
import type { SignerAnswer, SignerStateBlob } from '../signer/answer.ts';
import { amountNs, amountUnits, ticketAmount, unitAmount } from './amount.ts';
import { andThen, end, lose, to } from './change.ts';
import { hasStrayed, type LeadAsk, leadUnits, paidLead } from './lead.ts';
import { dueUnits } from './runway.ts';
import type { FundingState, MintRequest, Transition } from './state.ts';

const NS_PER_SECOND = 1_000_000_000n;
const TYPED_OPENING_SECONDS = 10n;

/** When the call of the signer began and when its answer came. */
export interface MintTimes {
  readonly startedNs: bigint;
  readonly nowNs: bigint;
}

/** A payment was minted: counted, billed to the state that made it, and under way. */
export function afterPayment(
  state: FundingState,
  request: MintRequest,
  answer: Extract<SignerAnswer, { kind: 'payment' }>,
  { startedNs, nowNs }: MintTimes,
): Transition {
  const { config, totals } = state;
  const { minted } = answer;
  const amount = ticketAmount(minted.quanta, config.tariff);
  const counted: FundingState = {
    ...state,
    pending: {
      payment: minted.payment,
      segment: minted.segment,
      amount,
      evAmount: ticketAmount(minted.evQuanta, config.tariff),
      tickets: minted.tickets,
      lastNonce: minted.lastNonce,
      recipientRandHash: minted.recipientRandHash,
      attempts: 0,
      timedOut: false,
      notBeforeNs: nowNs,
      mintStartedNs: startedNs,
    },
    totals: { ...totals, minted: totals.minted + amount },
    // Tickets now exist under these params: only the state that made them may go on with them.
    terms: { ...state.terms, use: request.rescue ? 'void' : 'in-use', refreshes: 0 },
  };
  const billed = request.rescue
    ? afterRescue(counted, request, answer)
    : request.lead === undefined
      ? bill(counted, request, answer.state, amount, nowNs)
      : billLead(counted, request.lead, answer, nowNs);
  if (config.maxSpend === undefined || billed.state.totals.minted <= config.maxSpend) return billed;
  // It is not sent.
  return andThen(
    andThen(billed, (after) => lose(after, 'above the spend limit')),
    (after) =>
      to(end(after, { reason: 'limit', message: 'the signer minted more than the spend limit allows' })),
  );
}

function bill(
  state: FundingState,
  request: MintRequest,
  blob: SignerStateBlob,
  amount: bigint,
  nowNs: bigint,
): Transition {
  const { signer, config } = state;
  const units = request.units ?? ceilDiv((nowNs - signer.acceptedNs) * config.tariff.rate, NS_PER_SECOND);
  const after: FundingState = {
    ...state,
    signer: {
      ...signer,
      state: blob,
      billedUnits: signer.billedUnits + units,
      balance: signer.balance + amount - unitAmount(units, config.tariff),
      acceptedNs: nowNs,
    },
  };
  // What one call could not bill follows at once.
  return to({
    ...after,
    capped:
      request.units !== undefined &&
      dueUnits(after, nowNs) > amountUnits(after.signer.balance, config.tariff),
  });
}

/** The signer has billed time up to the call, and holds what it tells. */
function billLead(
  state: FundingState,
  ask: LeadAsk,
  { minted, state: blob, credit }: Extract<SignerAnswer, { kind: 'payment' }>,
  nowNs: bigint,
): Transition {
  const { signer } = state;
  const mintedNs = amountNs(ticketAmount(minted.quanta, state.config.tariff), state.config.tariff);
  const lead = paidLead(signer.lead, ask, mintedNs, credit);
  const strayed = hasStrayed(state, lead, ask.askedNs);
  return to({
    ...state,
    signer: { ...signer, ...leadBill(state, ask), state: blob, acceptedNs: nowNs, lead, strayed },
    // What one call could not bring follows at once.
    capped: credit?.more === true,
  });
}

/** Units and balance of a signer that keeps a lead, for the receipt. */
function leadBill(
  state: FundingState,
  { askedNs }: LeadAsk,
): Pick<FundingState['signer'], 'billedUnits' | 'balance'> {
  const billedUnits = leadUnits(state, askedNs);
  return { billedUnits, balance: state.totals.minted - unitAmount(billedUnits, state.config.tariff) };
}

/** The old state stays and the new one is dropped, unless the old one was refused or strayed (funding.md rules 3, 7). */
function afterRescue(
  state: FundingState,
  request: MintRequest,
  { minted, state: blob, credit }: Extract<SignerAnswer, { kind: 'payment' }>,
): Transition {
  const { signer, config, totals } = state;
  const amount = ticketAmount(minted.quanta, config.tariff);
  const pauseNs = amountNs(ticketAmount(request.terms.evQuanta, config.tariff), config.tariff);
  const rescued: FundingState = {
    ...state,
    totals: { ...totals, rescues: totals.rescues + 1 },
    rescue: { wantedNs: undefined, notBeforeNs: (state.pending?.mintStartedNs ?? 0n) + pauseNs },
  };
  const note = { kind: 'rescue', message: 'one payment was minted from a new signer state' } as const;
  if (!signer.stateRefused && !signer.strayed) return to(rescued, note);
  const units = request.units ?? config.tariff.rate * TYPED_OPENING_SECONDS;
  const account =
    request.lead === undefined
      ? {
          // The new state has billed what was missing; from here on time counts as before.
          billedUnits: signer.billedUnits + units + amountUnits(signer.balance, config.tariff),
          balance: amount - unitAmount(units, config.tariff),
        }
      : {
          ...leadBill(rescued, request.lead),
          lead: paidLead(undefined, request.lead, amountNs(amount, config.tariff), credit),
        };
  return to(
    {
      ...rescued,
      terms: { ...rescued.terms, use: 'in-use' },
      signer: {
        ...signer,
        ...account,
        state: blob,
        stateRefused: false,
        strayed: false,
        acceptedNs: state.pending?.notBeforeNs ?? signer.acceptedNs,
      },
    },
    note,
  );
}
