import { CLOCK_SKEW_MS, NONCE_KEPT_MS, SESSION_KEPT_MS } from './ages.ts';
import { findExcess, makeCharge, positive, takeBack } from './charge.ts';
import type { Issue, Outcome, RecordedAnswer } from './claim.ts';
import type { AnswerRow, Rows, SessionRow } from './rows.ts';
import { sameBytes } from './same-bytes.ts';
import { sessionOf, standingOf } from './standing.ts';

/** What the ledger promises besides. */
export interface LedgerRules {
  /** Other signers issue states under the same key: a state that is not the ledger's newest may be a good one. */
  readonly sharedKey: boolean;
  /** Hex ids of answers that a crash may have left open: who goes on from one has got it. */
  readonly leftOpen?: Set<string>;
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
  if (before === undefined) {
    rows.removeSession(answer.stateId);
    return;
  }
  rows.putSession(before);
  // this call went on from it, so it was given: with nothing after it in the ledger any more, no sweep could tell
  rows.settleAnswer(before.answerId);
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

/** 48 bits of time and 80 random ones, so that rows are added at the end. */
function newAnswerId(nowMs: number, salt: Uint8Array): Uint8Array {
  const id = new Uint8Array(16);
  const view = new DataView(id.buffer);
  view.setUint16(0, Math.floor(nowMs / 2 ** 32));
  view.setUint32(2, nowMs % 2 ** 32);
  id.set(salt, 6);
  return id;
}
