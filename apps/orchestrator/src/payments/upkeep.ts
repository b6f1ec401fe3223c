import type { MemoryNonces } from '@lp/pm/recipient';
import type { Clock } from '@lp/runtime';
import type { GroupCommit } from '../ledger/group-commit.ts';
import type { Ledger } from '../ledger/ledger.ts';
import type { HeadWatch } from './head-watch.ts';

const EVERY_MS = 10 * 60_000;
/** Accounts without any value are forgotten after an hour without use. */
const IDLE_MS = 60 * 60_000;
/** Journal entries of closed accounts are kept for a week; their totals stay. */
const JOURNAL_MS = 7 * 24 * 60 * 60_000;

/** Forgets what nothing depends on, every ten minutes until `signal` aborts. Value is never collected. Never rejects. */
export async function upkeep(deps: {
  readonly ledger: Ledger;
  readonly group: GroupCommit;
  readonly nonces: MemoryNonces;
  readonly heads: HeadWatch;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}): Promise<void> {
  const { ledger, group, nonces, heads, clock, signal } = deps;
  while (!signal.aborted) {
    await clock.sleep(EVERY_MS, signal).catch(() => {});
    if (signal.aborted) return;
    nonces.prune(heads.latest()?.l1Block ?? 0n);
    const now = clock.wallMs();
    const limits = { idleBeforeMs: now - IDLE_MS, closedBeforeMs: now - JOURNAL_MS };
    let more = true;
    while (more && !signal.aborted) {
      try {
        // Each share in a commit of its own: payments come in between.
        ({ more } = await group.run(() => ledger.compact(limits)));
      } catch {
        more = false; // reported by the group itself; the next round tries again
      }
    }
  }
}
