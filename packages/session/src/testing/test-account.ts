import { MAX_WIN_PROB } from '@lp/pm';
import { PIXELS_PER_SECOND_720P, type PriceUnit } from '@lp/pricing';
import type { PriceInfo } from '@lp/protocol';

/** Money of one session at a test orchestrator. Amounts count `MAX_WIN_PROB * pixelsPerUnit` to a wei. */
export interface TestAccount {
  readonly manifestId: string;
  readonly unit: PriceUnit;
  readonly price: PriceInfo;
  credited: bigint;
  debited: bigint;
  units: bigint;
  readonly openedNs: bigint;
  lastNs: bigint;
  tickets: number;
  /** Smallest balance after a debit, in units of the price; undefined before the first debit. */
  lowestUnits: bigint | undefined;
}

const NS = 1_000_000_000n;

const rateOf = (unit: PriceUnit): bigint => (unit === '720p-pixel-seconds' ? PIXELS_PER_SECOND_720P : 1n);

/** An account that is opened at `nowNs`. */
export const openAccount = (
  manifestId: string,
  { unit, price, nowNs }: { unit: PriceUnit; price: PriceInfo; nowNs: bigint },
): TestAccount => ({
  manifestId,
  unit,
  price,
  credited: 0n,
  debited: 0n,
  units: 0n,
  openedNs: nowNs,
  lastNs: nowNs,
  tickets: 0,
  lowestUnits: undefined,
});

/** Credits quanta of 1 / (2^256 - 1) wei. */
export function credit(account: TestAccount, quanta: bigint, tickets: number): void {
  account.credited += quanta * account.price.pixelsPerUnit;
  account.tickets += tickets;
}

/**
 * One tick of the meter (live-runner.md section 8.3): whole units since the last, the fraction carried; all or nothing.
 *
 * @returns false when the account does not cover it
 */
export function debit(account: TestAccount, nowNs: bigint): boolean {
  const rate = rateOf(account.unit);
  const units = ((nowNs - account.lastNs) * rate) / NS;
  const fee = units * account.price.pricePerUnit * MAX_WIN_PROB;
  account.lastNs += (units * NS) / rate;
  if (account.credited - account.debited < fee) return false;
  account.debited += fee;
  account.units += units;
  const left = balanceUnits(account);
  if (account.lowestUnits === undefined || left < account.lowestUnits) account.lowestUnits = left;
  return true;
}

/** Balance in whole units of the price. */
export const balanceUnits = (account: TestAccount): bigint =>
  (account.credited - account.debited) / (account.price.pricePerUnit * MAX_WIN_PROB);

/**
 * What was paid beyond the metered time up to `nowNs`, as nanoseconds of the session. This is the figure that the
 * bounds of funding.md section 3 are about.
 */
export const aheadNs = (account: TestAccount, nowNs: bigint): bigint =>
  (account.credited * NS) / (account.price.pricePerUnit * MAX_WIN_PROB * rateOf(account.unit)) -
  (nowNs - account.openedNs);
