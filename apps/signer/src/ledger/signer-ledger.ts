import type { Claim, Hold, Issue, Outcome, RecordedAnswer } from './claim.ts';
import { beginAnswer, decideLeftover, type LedgerRules, releaseAnswer, repeatAnswer } from './decide.ts';
import { type BalanceChange, changeBalance } from './prepaid-account.ts';
import type { AccountEntry, RowKeys } from './rows.ts';
import { sessionOf, standingOf } from './standing.ts';
import type { LedgerStore } from './store.ts';

/** What a look at all that has expired did. */
export interface SweepReport {
  /** Answers that a crash left open and whose money is free again. */
  readonly released: number;
  /** Rows that were forgotten. */
  readonly forgotten: number;
}

/**
 * What the signer must not forget: which states were answered and how, which nonces were signed, what was spent. Every
 * answer is `begin` (durable before anything is signed), then `settle` or `release`.
 */
export class SignerLedger {
  readonly #store: LedgerStore;
  readonly #rules: LedgerRules;
  readonly #leftOpen = new Set<string>();

  constructor(store: LedgerStore, rules: Omit<LedgerRules, 'leftOpen'>) {
    this.#store = store;
    this.#rules = { ...rules, leftOpen: this.#leftOpen };
  }

  /**
   * Reads which answers a crash left open, so that each is settled as soon as its session goes on: call it at the start.
   *
   * @throws LedgerFailedError
   */
  async readLeftovers(): Promise<void> {
    const left = await this.#store.unsettledAnswers(Number.MAX_SAFE_INTEGER, LEFTOVERS_KNOWN);
    for (const { id } of left) this.#leftOpen.add(Buffer.from(id).toString('hex'));
  }

  /** Checks an answer against everything and records it, in one step. Durable when it resolves. @throws LedgerFailedError */
  begin(issue: Issue): Promise<Outcome> {
    const { claim, bounds, usage } = issue;
    return this.#store.run({
      keys: {
        ...keysOf(claim),
        nonces: [claim.randHash],
        counters: bounds.counters.map(({ key }) => key),
        accounts: [usage.identity],
      },
      apply: (rows) => beginAnswer(rows, issue, this.#rules),
    });
  }

  /**
   * The answer that a claim got before, when the same request gets it again: for calls that cannot be planned any more,
   * because time went on. @throws LedgerFailedError
   */
  async recall(claim: Claim): Promise<RecordedAnswer | undefined> {
    const keys = keysOf(claim);
    const known = await this.#store.read({ keys, apply: (rows) => sessionOf(rows, claim) });
    if (known === undefined || standingOf(known, claim, this.#rules).kind !== 'repeat') return undefined;
    return this.#store.run({
      keys: { ...keys, answers: [known.answerId] },
      apply: (rows) => {
        const standing = standingOf(sessionOf(rows, claim), claim, this.#rules);
        return standing.kind === 'repeat' ? repeatAnswer(rows, standing.session) : undefined;
      },
    });
  }

  /** The answer was signed: it is charged for good and its usage event may go out. */
  settle({ answerId }: Hold): void {
    this.#store.runLater({ keys: { answers: [answerId] }, apply: (rows) => rows.settleAnswer(answerId) });
  }

  /** Nothing was signed: frees the money; the nonces stay used. @throws LedgerFailedError */
  release(hold: Hold, issue: Issue): Promise<void> {
    return this.#store.run({
      keys: {
        sessions: [hold.stateId],
        answers: [hold.answerId],
        counters: issue.bounds.counters.map(({ key }) => key),
        accounts: [issue.usage.identity],
      },
      apply: (rows) => releaseAnswer(rows, hold.answerId, hold.before),
    });
  }

  /**
   * Credits (or, with negative wei, debits) a prepaid account; the first credit opens it.
   *
   * @throws LedgerFailedError
   */
  changeBalance(change: Omit<AccountEntry, 'balanceAfterWei'>): Promise<BalanceChange> {
    return this.#store.run({
      keys: { accounts: [change.identity], references: [change.reference] },
      apply: (rows) => changeBalance(rows, change),
    });
  }

  /**
   * Decides about answers that a crash left open and forgets what has expired; to be called now and then.
   *
   * @throws LedgerFailedError
   */
  async sweep(nowMs: number): Promise<SweepReport> {
    let released = 0;
    const leftovers = await this.#store.unsettledAnswers(nowMs, LEFTOVERS);
    for (const answer of leftovers) {
      const verdict = await this.#store.run({
        keys: {
          sessions: [answer.stateId],
          answers: [answer.id],
          counters: answer.charge.counters.map(({ key }) => key),
          accounts: [answer.charge.usage.identity],
        },
        apply: (rows) => decideLeftover(rows, answer),
      });
      if (verdict === 'released') released += 1;
    }
    // whether a leftover was given is told by its session: none is forgotten while there may be more
    const forgotten = leftovers.length < LEFTOVERS ? await this.#store.sweep(nowMs) : 0;
    return { released, forgotten };
  }
}

/** Most leftovers decided per sweep. */
const LEFTOVERS = 500;
/** Most leftovers remembered from the start; others are decided by the sweep. */
const LEFTOVERS_KNOWN = 10_000;

function keysOf(claim: Claim): RowKeys {
  return claim.opening === undefined ? { sessions: [claim.stateId] } : { openings: [claim.opening] };
}
