import { CLOCK_SKEW_MS, SESSION_KEPT_MS } from './ages.ts';
import type { Claim, Conflict } from './claim.ts';
import type { Rows, SessionRow } from './rows.ts';
import { sameBytes } from './same-bytes.ts';

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
 *
 * @param rules.sharedKey others issue states under the same key: one that is not the newest here may be a good one.
 */
export function standingOf(
  known: SessionRow | undefined,
  claim: Claim,
  { sharedKey }: { readonly sharedKey: boolean },
): Standing {
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
  if (isSuccessor && !sharedKey && !sameBytes(known.state, claim.presented)) return conflict('stale-state');
  return { kind: 'next' };
}

/** A time far ahead is no proof of youth. */
function isFresh(stateMs: number, nowMs: number): boolean {
  return stateMs > nowMs - SESSION_KEPT_MS && stateMs < nowMs + CLOCK_SKEW_MS;
}

function again(session: SessionRow, claim: Claim): Standing {
  return claim.nowMs > session.repeatUntilMs ? conflict('answer-expired') : { kind: 'repeat', session };
}

function conflict(kind: Conflict): Standing {
  return { kind: 'conflict', conflict: kind };
}
