import type { Hex } from '@lp/pm';
import type { Ratio } from '@lp/pricing';
import type { HttpError } from '@lp/service';
import type { Bounds, Excess } from '../ledger/claim.ts';
import type { PayableRecipients } from '../recipients/payable-recipients.ts';
import { boundsOf, limitRefusal, type Subjects } from './bounds.ts';
import type { LimitRules } from './limit-rules.ts';
import type { UsdRate } from './usd-rate.ts';

/** Who may be paid, and how much. */
export interface Spending {
  /**
   * Passes for a recipient that may be paid; at once, without a promise, where that is known.
   *
   * @throws HttpError 400 or 503.
   */
  checkRecipient(recipient: Hex, signal: AbortSignal): void | Promise<void>;
  /** What bounds a payment. @throws HttpError 503 when a rate is missing. */
  boundsOf(subjects: Subjects, nowMs: number): Bounds;
  /** The refusal of a payment that would break a bound. */
  refusalOf(excess: Excess): HttpError;
}

/** The operator's rules, read anew for every payment: a reload changes them. */
export function createSpending(options: {
  readonly rules: () => LimitRules;
  readonly recipients: PayableRecipients;
  readonly rate: UsdRate | undefined;
}): Spending {
  const { recipients, rate } = options;
  const current = (): Ratio | undefined => (options.rules().needsRate ? rate?.current() : undefined);
  return {
    checkRecipient: (recipient, signal) => recipients.check(recipient, signal),
    boundsOf: (subjects, nowMs) => boundsOf(options.rules(), subjects, { nowMs, weiPerUsd: current() }),
    refusalOf: (excess) => limitRefusal(excess, current()),
  };
}
