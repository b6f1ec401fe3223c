import type { PriceUnit } from '@lp/pricing';
import type { Hex, PriceInfo } from '@lp/protocol';
import type { CloseReason, Statement } from '../payments/desk.ts';
import { weiOfQuanta } from './quanta.ts';

/** The ledger's record of one (sender, manifest id). Amounts in quanta. */
export interface Account {
  readonly sender: Hex;
  readonly manifestId: string;
  /** Sum of ticket EV ever credited. */
  readonly credited: bigint;
  /** Sum of fees ever debited. Never above `credited`: everything is prepaid. */
  readonly spent: bigint;
  /** Units that `spent` is the fee of. */
  readonly units: bigint;
  /** The session's own price: of its first payment, then of the payment that opened it. */
  readonly price?: PriceInfo;
  /** Known once the account was opened. */
  readonly unit?: PriceUnit;
  readonly payments: number;
  readonly tickets: number;
  readonly state: 'unopened' | 'open' | 'closed';
  readonly reason?: CloseReason;
  readonly openedMs?: number;
  readonly closedMs?: number;
  readonly touchedMs: number;
}

/** An account that nothing happened to yet. */
export const newAccount = (sender: Hex, manifestId: string, nowMs: number): Account => ({
  sender,
  manifestId,
  credited: 0n,
  spent: 0n,
  units: 0n,
  payments: 0,
  tickets: 0,
  state: 'unopened',
  touchedMs: nowMs,
});

/** Credit that is left, in quanta. */
export const balanceOf = (account: Account): bigint => account.credited - account.spent;

/** The account as it is shown. */
export function statementOf(account: Account): Statement {
  const balanceQuanta = balanceOf(account);
  return {
    manifestId: account.manifestId,
    sender: account.sender,
    state: account.state,
    ...(account.reason !== undefined && { closeReason: account.reason }),
    ...(account.price !== undefined && { price: account.price }),
    ...(account.unit !== undefined && { unit: account.unit }),
    units: account.units,
    creditedQuanta: account.credited,
    meteredQuanta: account.spent,
    balanceQuanta,
    creditedWei: weiOfQuanta(account.credited),
    meteredWei: weiOfQuanta(account.spent),
    balanceWei: weiOfQuanta(balanceQuanta),
    payments: account.payments,
    tickets: account.tickets,
    ...(account.openedMs !== undefined && { openedMs: account.openedMs }),
    ...(account.closedMs !== undefined && { closedMs: account.closedMs }),
  };
}
