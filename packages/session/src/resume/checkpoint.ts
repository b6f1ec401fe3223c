import type { PriceUnit } from '@lp/pricing';
import { decodeBase64, decodeOrchestratorInfo } from '@lp/protocol';
import type { Clock } from '@lp/runtime';
import { SessionOptionError } from '../errors.ts';
import { unitsPerSecond } from '../funding/amount.ts';
import type { FundingState } from '../funding/state.ts';
import { termsOf } from '../funding/terms.ts';
import type { SignerStateBlob } from '../signer/answer.ts';

/** Where a session is and whose it is: what does not change. */
export interface SessionPlace {
  readonly manifestId: string;
  readonly app: string;
  readonly runner: string;
  readonly orchestrator: string;
  readonly appUrl: string;
  readonly controlUrl: string;
  readonly paymentUrl: string;
  readonly probeUrl: string;
}

/** A metered session at the moment before a payment is sent, as JSON holds it: whole numbers are decimal text. */
export interface SessionCheckpoint {
  readonly version: 1;
  readonly place: SessionPlace;
  readonly unit: PriceUnit;
  readonly price: { readonly wei: string; readonly per: string };
  readonly mode: 'lead' | 'explicit' | 'typed';
  /** Wall time since when metering may run, milliseconds. */
  readonly startMs: number;
  readonly acceptedMs: number;
  readonly cadence: {
    readonly debitNs: string;
    readonly pollNs: string;
    readonly minTargetNs: string;
    readonly notReadyLimitNs: string;
  };
  readonly maxSpend: string | null;
  readonly minted: string;
  readonly acknowledged: string;
  readonly lost: string;
  readonly counts: { readonly payments: number; readonly tickets: number; readonly lostTickets: number };
  readonly signer: {
    readonly state: SignerStateBlob | null;
    readonly billedUnits: string;
    readonly balance: string;
    /** In mode `lead`. */
    readonly lead?: { readonly creditNs: string; readonly creditAtMs: number; readonly billedToMs: number };
  };
  readonly paymentParams: string;
  readonly pending: {
    readonly payment: string;
    readonly segment: string;
    readonly amount: string;
    readonly evAmount: string;
    readonly tickets: number;
    readonly lastNonce: number;
    readonly recipientRandHash: string;
  } | null;
}

const NS_PER_MS = 1_000_000n;

/** The state as it is to be kept. */
export function checkpointOf(state: FundingState, place: SessionPlace, clock: Clock): SessionCheckpoint {
  const { config, totals, signer, pending, terms } = state;
  const wallOf = (ns: bigint): number => clock.wallMs() - Number((clock.monotonicNs() - ns) / NS_PER_MS);
  return {
    version: 1,
    place,
    unit: config.tariff.price.unit,
    price: { wei: `${config.tariff.price.wei}`, per: `${config.tariff.price.per}` },
    mode: config.mode,
    startMs: wallOf(config.startNs),
    acceptedMs: wallOf(signer.acceptedNs),
    cadence: {
      debitNs: `${config.debitNs}`,
      pollNs: `${config.pollNs}`,
      minTargetNs: `${config.minTargetNs}`,
      notReadyLimitNs: `${config.notReadyLimitNs}`,
    },
    maxSpend: config.maxSpend === undefined ? null : `${config.maxSpend}`,
    minted: `${totals.minted}`,
    acknowledged: `${totals.acknowledged}`,
    lost: `${totals.lost}`,
    counts: { payments: totals.payments, tickets: totals.tickets, lostTickets: totals.lostTickets },
    signer: {
      state: signer.state ?? null,
      billedUnits: `${signer.billedUnits}`,
      balance: `${signer.balance}`,
      ...(signer.lead === undefined
        ? {}
        : {
            lead: {
              creditNs: `${signer.lead.creditNs}`,
              creditAtMs: wallOf(signer.lead.creditAtNs),
              billedToMs: wallOf(signer.lead.billedToNs),
            },
          }),
    },
    paymentParams: terms.current.paymentParams,
    pending:
      pending === undefined
        ? null
        : {
            payment: pending.payment,
            segment: pending.segment,
            amount: `${pending.amount}`,
            evAmount: `${pending.evAmount}`,
            tickets: pending.tickets,
            lastNonce: pending.lastNonce,
            recipientRandHash: pending.recipientRandHash,
          },
  };
}

/**
 * The state to go on with. The payment may have been sent: the same bytes go out again, after a probe. Its params are
 * not used any more, since a payment that was minted after the checkpoint would have used the next nonces.
 *
 * @throws SessionOptionError when the checkpoint is not one of this version; TermsError, WireError when its params
 *   cannot be read
 */
export function restore(checkpoint: SessionCheckpoint, clock: Clock): FundingState {
  if (checkpoint.version !== 1) throw new SessionOptionError('the checkpoint is of another version');
  const { unit, pending, cadence, counts } = checkpoint;
  const rate = unitsPerSecond(unit);
  if (rate === undefined) throw new SessionOptionError('only metered sessions can be resumed');
  const nowNs = clock.monotonicNs();
  const nsOf = (wallMs: number): bigint =>
    nowNs - BigInt(Math.max(0, Math.floor(clock.wallMs() - wallMs))) * NS_PER_MS;
  const { lead } = checkpoint.signer;
  if (checkpoint.mode === 'lead' && lead === undefined)
    throw new SessionOptionError('the checkpoint does not say what the signer holds');
  const info = decodeOrchestratorInfo(decodeBase64(checkpoint.paymentParams));
  return {
    config: {
      tariff: { price: { wei: BigInt(checkpoint.price.wei), per: BigInt(checkpoint.price.per), unit }, rate },
      mode: checkpoint.mode,
      startNs: nsOf(checkpoint.startMs),
      debitNs: BigInt(cadence.debitNs),
      pollNs: BigInt(cadence.pollNs),
      minTargetNs: BigInt(cadence.minTargetNs),
      notReadyLimitNs: BigInt(cadence.notReadyLimitNs),
      maxSpend: checkpoint.maxSpend === null ? undefined : BigInt(checkpoint.maxSpend),
    },
    totals: {
      minted: BigInt(checkpoint.minted),
      acknowledged: BigInt(checkpoint.acknowledged),
      lost: BigInt(checkpoint.lost),
      ...counts,
      skips: 0,
      rescues: 0,
    },
    signer: {
      state: checkpoint.signer.state ?? undefined,
      billedUnits: BigInt(checkpoint.signer.billedUnits),
      balance: BigInt(checkpoint.signer.balance),
      acceptedNs: nsOf(checkpoint.acceptedMs),
      lead:
        lead === undefined
          ? undefined
          : {
              creditNs: BigInt(lead.creditNs),
              creditAtNs: nsOf(lead.creditAtMs),
              billedToNs: nsOf(lead.billedToMs),
              offered: true,
            },
      notBeforeNs: nowNs,
      failures: 0,
      stateRefusals: 0,
      stateRefused: false,
      strayed: false,
      unitCap: undefined,
    },
    terms: {
      current: termsOf(info, checkpoint.paymentParams, unit),
      use: 'void',
      refreshes: 0,
      source: 'refresh-payment',
      notBeforeNs: nowNs,
    },
    pending:
      pending === null
        ? undefined
        : {
            ...pending,
            amount: BigInt(pending.amount),
            evAmount: BigInt(pending.evAmount),
            attempts: 1,
            timedOut: false,
            notBeforeNs: nowNs,
            mintStartedNs: nowNs,
          },
    minting: undefined,
    capped: false,
    nextPollNs: nowNs,
    probe: {
      suspect: true,
      blocking: true,
      notBeforeNs: nowNs,
      aliveNs: nowNs,
      notReadySinceNs: undefined,
      unclear: 0,
    },
    rescue: { wantedNs: undefined, notBeforeNs: nowNs },
    roundTrips: [],
    refusedPayments: 0,
    orchestratorDown: false,
    paymentsFailing: false,
    ended: undefined,
  };
}
