import type { DiscoveryFailure, RefusalCode, RunnerOffer } from '@lp/discovery';
import type { EndReason } from './funding/state.ts';

/** Where the caller's money stands: nothing minted, sent and not taken, taken, or not known. */
export type MoneyState = 'none' | 'sent' | 'consumed' | 'unknown';

/** Why a runner was not used. */
export interface Refusal {
  readonly runner: RunnerOffer;
  readonly stage: 'select' | 'challenge' | 'signer' | 'reserve';
  readonly code:
    | RefusalCode
    | 'unreachable'
    | 'http-status'
    | 'malformed'
    | 'unusable-terms'
    | 'price-refused'
    | 'signer-refused'
    | 'full'
    | 'payment-refused';
  readonly message: string;
  /** HTTP status, where one came. */
  readonly status?: number;
  readonly money: MoneyState;
  readonly elapsedMs: number;
}

const listed = (refusals: readonly Refusal[]): string =>
  refusals.length === 0
    ? ''
    : `: ${refusals
        .slice(0, 5)
        .map(({ runner, message }) => `${runner.url} ${message}`)
        .join('; ')}${refusals.length > 5 ? `; and ${refusals.length - 5} more` : ''}`;

/** An option cannot be used as given; the message names it. */
export class SessionOptionError extends Error {
  override readonly name = 'SessionOptionError';
  readonly code = 'invalid-option';
}

/** No runner fits or takes the session. `refusals` says of each one why; `failures` which lists could not be had. */
export class NoRunnerError extends Error {
  override readonly name = 'NoRunnerError';
  readonly code = 'no-runner';
  readonly refusals: readonly Refusal[];
  readonly failures: readonly DiscoveryFailure[];

  constructor(app: string, refusals: readonly Refusal[], failures: readonly DiscoveryFailure[]) {
    super(
      `no runner for ${app} (${refusals.length} refused, ${failures.length} lists failed)${listed(refusals)}; ` +
        'look at refusals and failures, or try again later',
    );
    this.refusals = refusals;
    this.failures = failures;
  }
}

/** Every runner that fits otherwise costs too much: raise `maxPrice`, or the signer's ceiling, or wait. */
export class PriceError extends Error {
  override readonly name = 'PriceError';
  readonly code = 'price-refused';
  readonly refusals: readonly Refusal[];

  constructor(message: string, refusals: readonly Refusal[]) {
    super(`${message}${listed(refusals)}`);
    this.refusals = refusals;
  }
}

/** `maxSpend` is below what opening a session costs. Raise it; nothing was sent. */
export class SpendLimitError extends Error {
  override readonly name = 'SpendLimitError';
  readonly code = 'spend-limit';
  /** Wei that one ticket is worth, rounded up. */
  readonly neededWei: bigint;
  readonly maxSpendWei: bigint;

  constructor(neededWei: bigint, maxSpendWei: bigint) {
    super(
      `opening costs at least ${neededWei} wei, the spend limit is ${maxSpendWei} wei; raise maxSpend to go on`,
    );
    this.neededWei = neededWei;
    this.maxSpendWei = maxSpendWei;
  }
}

/** What the signer did. */
export type SignerErrorCode = 'signer-unreachable' | 'signer-forbidden' | 'signer-budget' | 'signer-refused';

/** The signer does not pay for this caller at all; another runner would not change that. */
export class SignerError extends Error {
  override readonly name = 'SignerError';
  readonly code: SignerErrorCode;
  /** HTTP status, where one came. */
  readonly status: number | undefined;

  constructor(code: SignerErrorCode, message: string, options: { status?: number; cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.status = options.status;
  }
}

/**
 * Money left and brought no session, and the next runner would cost more than `maxLossOnFailover` allows to lose.
 * Decide whether to try again; `refusals` says what happened.
 */
export class ReservationError extends Error {
  override readonly name = 'ReservationError';
  readonly code = 'reservation-failed';
  /** Of the last attempt. */
  readonly money: MoneyState;
  /** Wei of tickets that were sent without a session in return, rounded up. */
  readonly lostWei: bigint;
  readonly refusals: readonly Refusal[];

  constructor(money: MoneyState, lostWei: bigint, refusals: readonly Refusal[]) {
    super(`paid ${lostWei} wei and got no session (money: ${money})${listed(refusals)}`);
    this.money = money;
    this.lostWei = lostWei;
    this.refusals = refusals;
  }
}

/** The session is over; open another one. It is the reason of `session.signal`. */
export class SessionEndedError extends Error {
  override readonly name: string = 'SessionEndedError';
  readonly code: string = 'session-ended';
  readonly reason: EndReason;

  constructor(reason: EndReason, message: string, options: { cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.reason = reason;
  }
}

/** The orchestrator ended the session. `dropReason` is its own word for it, where it gave one. */
export class SessionDroppedError extends SessionEndedError {
  override readonly name = 'SessionDroppedError';
  override readonly code = 'session-dropped';
  readonly dropReason: string | undefined;

  constructor(message: string, dropReason: string | undefined) {
    super('dropped', message);
    this.dropReason = dropReason;
  }
}
