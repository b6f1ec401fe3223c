import type { Claim, Conflict, Excess, Issue, Outcome, RecordedAnswer } from './claim.ts';
import type { AnswerRow, Charge, CounterRow, Rows, SessionRow, UsageSums } from './rows.ts';

/** How long a session that nobody continues is remembered, and how old a state may be to be adopted. */
export const SESSION_KEPT_MS = 24 * 3_600_000;
/** Clocks of signers that share states may differ by this much. */
const CLOCK_SKEW_MS = 600_000;
/** Nonces are remembered until a ticket of theirs can no longer be redeemed: rounds last 21 hours, tickets two of them. */
const NONCE_KEPT_MS = 72 * 3_600_000;

/** What the ledger promises besides. */
export interface LedgerRules {
  /** Other signers issue states under the same key: a state that is not the ledger's newest may be a good one. */
  readonly sharedKey: boolean;
  /** Hex ids of answers that a crash may have left open: who goes on from one has got it. */
  readonly leftOpen?: Set<string>;
}

/** Where a claim stands against what is recorded. */
export type Standing =
  | { readonly kind: 'next' | 'remint' }
  | { readonly kind: 'repeat'; readonly session: SessionRow }
  | { readonly kind: 'conflict'; readonly conflict: Conflict };

/** The session that a claim is about, where the ledger knows it. */
export function sessionOf(rows: Rows, claim: Claim): SessionRow | undefined {
  return claim.opening === undefined ? rows.session(claim.stateId) : rows.sessionOpenedBy(claim.opening);
}

/**
 * One successor per state: the newest state goes on, its request again gets its answer again, and a reply that may
 * have been lost can be made anew once, under other ticket params. A state that is not known is adopted while it is
 * fresh enough that its row cannot have been forgotten.
 */
export function standingOf(known: SessionRow | undefined, claim: Claim, rules: LedgerRules): Standing {
  if (known === undefined) {
    return claim.presentedMs === undefined || isFresh(claim.presentedMs, claim.nowMs)
      ? { kind: 'next' }
      : conflict('state-too-old');
  }
  if (known.identity !== claim.identity) return conflict('foreign-state');
  if (claim.opening !== undefined) {
    if (known.sequence !== 0n || !sameBytes(known.digest, claim.digest)) return conflict('opening-used');
    return again(known, claim);
  }
  if (known.manifestId !== '' && known.manifestId !== claim.manifestId) return conflict('manifest-changed');
  if (claim.sequence === known.sequence) {
    if (sameBytes(known.digest, claim.digest)) return again(known, claim);
    const mayRemint = !known.reminted && known.randHash !== claim.randHash;
    return mayRemint ? { kind: 'remint' } : conflict('stale-state');
  }
  if (claim.sequence < known.sequence) return conflict('stale-state');
  const isSuccessor = claim.sequence === known.sequence + 1n;
  if (isSuccessor && !rules.sharedKey && !sameBytes(known.state, claim.presented))
    return conflict('stale-state');
  return { kind: 'next' };
}

/** Checks and records one answer. Writes nothing unless it returns `sign`, or settles what it returns as `repeat`. */
export function beginAnswer(rows: Rows, issue: Issue, rules: LedgerRules): Outcome {
  const { claim } = issue;
  const known = sessionOf(rows, claim);
  const standing = standingOf(known, claim, rules);
  if (standing.kind === 'conflict') return standing;
  if (standing.kind === 'repeat') return { kind: 'repeat', answer: repeatAnswer(rows, standing.session) };
  const last = rows.nonce(claim.randHash);
  if (issue.firstNonce <= last) return { kind: 'nonce-used', last };
  const excess = findExcess(rows, issue, known);
  if (excess !== undefined) return { kind: 'over', excess };

  if (standing.kind === 'next' && known !== undefined) settleLeftOpen(rows, known, rules);
  // the reply that may have been lost stays charged: were this one released, the other could be asked for again
  if (standing.kind === 'remint' && known !== undefined) rows.settleAnswer(known.answerId);
  const charge = makeCharge(rows, issue);
  const answerId = newAnswerId(claim.nowMs, issue.salt);
  const { evWei } = issue.sums;
  rows.putNonce(claim.randHash, issue.firstNonce + issue.tickets - 1, claim.nowMs + NONCE_KEPT_MS);
  rows.putSession({
    stateId: claim.stateId,
    identity: claim.identity,
    manifestId: claim.manifestId,
    opening: known?.opening ?? claim.opening,
    sequence: claim.sequence,
    digest: claim.digest,
    randHash: claim.randHash,
    state: issue.state,
    firstNonce: issue.firstNonce,
    tickets: issue.tickets,
    creationRound: issue.creationRound,
    creationRoundBlockHash: issue.creationRoundBlockHash,
    reminted: standing.kind === 'remint',
    spentWei: (known?.spentWei ?? 0n) + evWei,
    answerId,
    repeatUntilMs: issue.usableUntilMs,
    keepUntilMs: Math.max(issue.usableUntilMs, claim.nowMs + SESSION_KEPT_MS + CLOCK_SKEW_MS),
  });
  rows.addAnswer({
    id: answerId,
    stateId: claim.stateId,
    sequence: claim.sequence,
    charge,
    event: issue.event?.(answerId),
    usableUntilMs: issue.usableUntilMs,
    settled: false,
  });
  return { kind: 'sign', hold: { answerId, stateId: claim.stateId, before: known } };
}

function settleLeftOpen(rows: Rows, { answerId }: SessionRow, { leftOpen }: LedgerRules): void {
  if (leftOpen === undefined || leftOpen.size === 0) return;
  if (leftOpen.delete(Buffer.from(answerId).toString('hex'))) rows.settleAnswer(answerId);
}

/** The recorded answer of a session; from here on it counts as given. */
export function repeatAnswer(rows: Rows, session: SessionRow): RecordedAnswer {
  rows.settleAnswer(session.answerId);
  return session;
}

/**
 * Takes an answer back that was never signed: its money is free again, its nonces stay used. Does nothing when the
 * answer was given after all.
 */
export function releaseAnswer(rows: Rows, id: Uint8Array, before: SessionRow | undefined): void {
  const answer = rows.answer(id);
  if (answer === undefined || answer.settled) return;
  takeBack(rows, answer.charge);
  rows.removeAnswer(id);
  const session = rows.session(answer.stateId);
  if (session === undefined || !sameBytes(session.answerId, id)) return;
  if (before === undefined) rows.removeSession(answer.stateId);
  else rows.putSession(before);
}

/**
 * Decides about an answer that a crash left open, once nobody can use it any more: when its state was continued it was
 * given, else its money is free again.
 */
export function decideLeftover(rows: Rows, answer: AnswerRow): 'settled' | 'released' {
  const now = rows.answer(answer.id);
  if (now === undefined || now.settled) return 'settled';
  const session = rows.session(answer.stateId);
  if (session !== undefined && session.sequence > answer.sequence) {
    rows.settleAnswer(answer.id);
    return 'settled';
  }
  takeBack(rows, answer.charge);
  rows.removeAnswer(answer.id);
  if (session !== undefined) {
    const spentWei = positive(session.spentWei - answer.charge.sums.evWei);
    // a signer whose clock is behind does not give it again either
    const isNewest = sameBytes(session.answerId, answer.id);
    rows.putSession({ ...session, spentWei, ...(isNewest && { repeatUntilMs: 0 }) });
  }
  return 'released';
}

/** A time far ahead is no proof of youth. */
function isFresh(stateMs: number, nowMs: number): boolean {
  return stateMs > nowMs - SESSION_KEPT_MS && stateMs < nowMs + CLOCK_SKEW_MS;
}

function again(session: SessionRow, claim: Claim): Standing {
  return claim.nowMs > session.repeatUntilMs ? conflict('answer-expired') : { kind: 'repeat', session };
}

function findExcess(rows: Rows, issue: Issue, known: SessionRow | undefined): Excess | undefined {
  const { bounds, sums } = issue;
  const { evWei, openings } = sums;
  for (const counter of bounds.counters) {
    const { wei, openings: opened } = countOf(rows, counter.key, counter.windowMs);
    if (counter.maxWei !== undefined && wei + evWei > counter.maxWei) {
      return { of: 'counter', counter, unit: 'wei', left: positive(counter.maxWei - wei) };
    }
    if (openings > 0n && counter.maxOpenings !== undefined && opened + openings > counter.maxOpenings) {
      return { of: 'counter', counter, unit: 'openings', left: positive(counter.maxOpenings - opened) };
    }
  }
  const spent = known?.spentWei ?? 0n;
  if (bounds.sessionMaxWei !== undefined && spent + evWei > bounds.sessionMaxWei) {
    return { of: 'session', left: positive(bounds.sessionMaxWei - spent) };
  }
  if (bounds.prepaid === 'off') return undefined;
  const balance = rows.balance(issue.claim.identity);
  if (balance === undefined && bounds.prepaid === 'accounts') return undefined;
  return (balance ?? 0n) < evWei ? { of: 'prepaid', left: positive(balance ?? 0n) } : undefined;
}

function makeCharge(rows: Rows, issue: Issue): Charge {
  const { bounds, sums, usage, claim } = issue;
  const counters = bounds.counters.map(({ key, windowMs }) => {
    const count = countOf(rows, key, windowMs);
    rows.putCounter(key, {
      windowMs: count.windowMs,
      wei: count.wei + sums.evWei,
      openings: count.openings + sums.openings,
    });
    return { key, windowMs: count.windowMs };
  });
  const balance = bounds.prepaid === 'off' ? undefined : rows.balance(claim.identity);
  if (balance !== undefined) rows.putBalance(claim.identity, balance - sums.evWei);
  rows.addUsage(usage, sums);
  return { usage, sums, counters, prepaid: balance !== undefined };
}

function takeBack(rows: Rows, { usage, sums, counters, prepaid }: Charge): void {
  for (const { key, windowMs } of counters) {
    const row = rows.counter(key);
    if (row?.windowMs !== windowMs) continue; // that window is over: nothing counts on it
    rows.putCounter(key, {
      windowMs,
      wei: positive(row.wei - sums.evWei),
      openings: positive(row.openings - sums.openings),
    });
  }
  if (prepaid) {
    const balance = rows.balance(usage.identity);
    if (balance !== undefined) rows.putBalance(usage.identity, balance + sums.evWei);
  }
  rows.addUsage(usage, negative(sums));
}

/** What a counter holds in the window. A window that another process began later is the present one. */
function countOf(rows: Rows, key: string, windowMs: number): CounterRow {
  const row = rows.counter(key);
  return row !== undefined && row.windowMs >= windowMs ? row : { windowMs, wei: 0n, openings: 0n };
}

function negative(sums: UsageSums): UsageSums {
  return {
    answers: -sums.answers,
    openings: -sums.openings,
    tickets: -sums.tickets,
    units: -sums.units,
    evWei: -sums.evWei,
    feeWei: -sums.feeWei,
  };
}

/** 48 bits of time and 80 random ones, so that rows are added at the end. */
function newAnswerId(nowMs: number, salt: Uint8Array): Uint8Array {
  const id = new Uint8Array(16);
  const view = new DataView(id.buffer);
  view.setUint16(0, Math.floor(nowMs / 2 ** 32));
  view.setUint32(2, nowMs % 2 ** 32);
  id.set(salt, 6);
  return id;
}

function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.compare(a, b) === 0;
}

function positive(value: bigint): bigint {
  return value > 0n ? value : 0n;
}

function conflict(kind: Conflict): Standing {
  return { kind: 'conflict', conflict: kind };
}
