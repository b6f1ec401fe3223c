import type { AccountEntry, Rows } from './rows.ts';

/** What became of a change of a prepaid balance. */
export type BalanceChange =
  | { readonly kind: 'changed'; readonly balanceWei: bigint }
  /** This very change was made before. */
  | { readonly kind: 'repeated'; readonly balanceWei: bigint }
  /** Another change was made under this reference. */
  | { readonly kind: 'reference-used' }
  /** A debit of more than there is. */
  | { readonly kind: 'too-low'; readonly balanceWei: bigint };

/** Credits or debits a prepaid account, and writes it down. */
export function changeBalance(rows: Rows, change: Omit<AccountEntry, 'balanceAfterWei'>): BalanceChange {
  const { identity, wei, reference } = change;
  const balance = rows.balance(identity) ?? 0n;
  const made = rows.accountEntry(reference);
  if (made !== undefined) {
    const isSame = made.identity === identity && made.wei === wei;
    return isSame ? { kind: 'repeated', balanceWei: balance } : { kind: 'reference-used' };
  }
  const after = balance + wei;
  if (after < 0n) return { kind: 'too-low', balanceWei: balance };
  rows.putBalance(identity, after);
  rows.addAccountEntry({ ...change, balanceAfterWei: after });
  return { kind: 'changed', balanceWei: after };
}
