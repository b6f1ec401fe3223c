import type { PriceUnit } from '@lp/pricing';
import type { Hex, PriceInfo } from '@lp/protocol';
import type { Clock } from '@lp/runtime';
import type { CloseReason, Statement } from '../payments/desk.ts';
import { type Account, balanceOf, newAccount, statementOf } from './account.ts';
import { accountTable } from './account-table.ts';
import type { Database } from './database.ts';
import { journal } from './journal.ts';
import { cumulativeFee } from './quanta.ts';

/** Key of an account. */
export interface AccountKey {
  readonly sender: Hex;
  readonly manifestId: string;
}

/** Why a debit or an opening was refused; amounts in quanta. */
export interface Shortfall {
  readonly fee: bigint;
  readonly balance: bigint;
}

/** What `open` did. */
export type Opening =
  | { readonly ok: true; readonly account: Account }
  | { readonly ok: false; readonly reason: 'not-new'; readonly state: 'open' | 'closed' }
  | ({ readonly ok: false; readonly reason: 'insufficient-balance' } & Shortfall);

/** What `tick` did. A refused tick has closed the account. */
export type Tick =
  | { readonly ok: true; readonly debited: bigint; readonly account: Account }
  | { readonly ok: false; readonly reason: 'not-open' }
  | ({ readonly ok: false; readonly reason: 'insufficient-balance' } & Shortfall);

/**
 * What sessions owe: credit, open, tick and close of byoc.md section 14.1, with one account per (sender, manifest id).
 * Each operation writes its journal entry and its account in the transaction it is run in; run them through a
 * `GroupCommit` and acknowledge after its commit. Amounts in quanta.
 *
 * Holds after every operation: credited - spent = balance >= 0; an operation touches one account; an account opens
 * once and closes once; spent is the fee of the units billed.
 */
export interface Ledger {
  /**
   * Adds the value of a payment's tickets. `price` is recorded unless the account has one. Creates the account.
   * A closed account still takes credit: the money was accepted.
   */
  credit(key: AccountKey, payment: { quanta: bigint; tickets: number; price?: PriceInfo }): Account;
  /**
   * Starts charging at `price`, which becomes the session's own. `fixed` is charged one unit and closed at once; other
   * units need a balance above 0. Nothing changes when refused.
   */
  open(key: AccountKey, terms: { price: PriceInfo; unit: PriceUnit }): Opening;
  /** Debits `units` more units. When the balance is below the fee, nothing is debited and the account is closed. */
  tick(key: AccountKey, units: bigint): Tick;
  /**
   * The same up to `units` in all since the opening: what a debit recorded whose commit was lost is charged with the
   * next one.
   */
  tickTo(key: AccountKey, units: bigint): Tick;
  /** Ends charging. Idempotent: the first reason stays. Undefined when there is no such account. */
  close(key: AccountKey, reason: CloseReason): Account | undefined;
  /** Closes every open account, as after a crash; says how many. */
  closeAll(reason: CloseReason): number;
  /** Whether `open` would find a new account: an account opens once. */
  mayOpen(key: AccountKey): boolean;
  /** The recorded price of a session that has paid. */
  priceOf(key: AccountKey): PriceInfo | undefined;
  statement(manifestId: string): Statement | undefined;
  openCount(): number;
  /**
   * Forgets accounts without value idle since `idleBeforeMs`, and a share of the journal entries of those closed before
   * `closedBeforeMs`; while `more`, call it again.
   */
  compact(options: { idleBeforeMs: number; closedBeforeMs: number }): {
    accounts: number;
    entries: number;
    more: boolean;
  };
}

/** The ledger in `database`. */
export function openLedger(database: Database, clock: Clock): Ledger {
  const accounts = accountTable(database);
  const log = journal(database);

  const save = (
    account: Account,
    operation: 'credit' | 'open' | 'tick' | 'close',
    entry: { quanta?: bigint; units?: bigint; detail?: string },
  ): Account => {
    const touched = { ...account, touchedMs: clock.wallMs() };
    accounts.put(touched);
    log.append({
      atMs: touched.touchedMs,
      operation,
      sender: account.sender,
      manifestId: account.manifestId,
      quanta: entry.quanta ?? 0n,
      units: entry.units ?? 0n,
      detail: entry.detail ?? '',
    });
    return touched;
  };

  const closeOpen = (account: Account, reason: CloseReason): Account =>
    save({ ...account, state: 'closed', reason, closedMs: clock.wallMs() }, 'close', { detail: reason });

  const debit = (account: Account, price: PriceInfo, units: bigint): Tick => {
    const total = account.units + units;
    const fee = cumulativeFee(total, price) - cumulativeFee(account.units, price);
    const balance = balanceOf(account);
    if (balance < fee) return { ok: false, reason: 'insufficient-balance', fee, balance };
    const debited = save({ ...account, spent: account.spent + fee, units: total }, 'tick', {
      quanta: fee,
      units,
    });
    return { ok: true, debited: fee, account: debited };
  };

  const tickBy = ({ sender, manifestId }: AccountKey, unitsOf: (account: Account) => bigint): Tick => {
    const account = accounts.get(sender, manifestId);
    if (account?.state !== 'open' || account.price === undefined) return { ok: false, reason: 'not-open' };
    const outcome = debit(account, account.price, unitsOf(account));
    if (!outcome.ok) closeOpen(account, 'insufficient-balance');
    return outcome;
  };

  return {
    credit({ sender, manifestId }, { quanta, tickets, price }) {
      const account = accounts.get(sender, manifestId) ?? newAccount(sender, manifestId, clock.wallMs());
      const own = account.price ?? price;
      const credited = {
        ...account,
        ...(own !== undefined && { price: own }),
        credited: account.credited + quanta,
        payments: account.payments + 1,
        tickets: account.tickets + tickets,
      };
      return save(credited, 'credit', { quanta, units: BigInt(tickets) });
    },

    open({ sender, manifestId }, { price, unit }) {
      const account = accounts.get(sender, manifestId) ?? newAccount(sender, manifestId, clock.wallMs());
      if (account.state !== 'unopened') return { ok: false, reason: 'not-new', state: account.state };
      const fee = cumulativeFee(1n, price);
      const balance = balanceOf(account);
      const short = unit === 'fixed' ? balance < fee : balance <= 0n && fee > 0n;
      if (short) return { ok: false, reason: 'insufficient-balance', fee, balance };
      const terms = `${price.pricePerUnit}/${price.pixelsPerUnit} ${unit}`;
      const opened = save({ ...account, price, unit, state: 'open', openedMs: clock.wallMs() }, 'open', {
        detail: terms,
      });
      if (unit !== 'fixed') return { ok: true, account: opened };
      const charged = debit(opened, price, 1n);
      return { ok: true, account: closeOpen(charged.ok ? charged.account : opened, 'charged-once') };
    },

    tick: (key, units) => tickBy(key, () => units),
    tickTo: (key, units) => tickBy(key, (account) => units - account.units),

    close({ sender, manifestId }, reason) {
      const account = accounts.get(sender, manifestId);
      return account?.state === 'open' ? closeOpen(account, reason) : account;
    },

    closeAll(reason) {
      const open = accounts.open();
      for (const account of open) closeOpen(account, reason);
      return open.length;
    },

    mayOpen({ sender, manifestId }) {
      const state = accounts.stateOf(sender, manifestId);
      return state === undefined || state === 'unopened';
    },

    priceOf: ({ sender, manifestId }) => accounts.priceOf(sender, manifestId),

    statement(manifestId) {
      const [account] = accounts.ofManifest(manifestId);
      return account === undefined ? undefined : statementOf(account);
    },

    openCount: () => accounts.open().length,

    compact: ({ idleBeforeMs, closedBeforeMs }) => ({
      ...log.compact(closedBeforeMs),
      accounts: accounts.dropWorthless(idleBeforeMs),
    }),
  };
}
