import type { PriceUnit } from '@lp/pricing';
import type { Clock } from '@lp/runtime';
import { statementOf } from '../ledger/account.ts';
import type { GroupCommit } from '../ledger/group-commit.ts';
import type { AccountKey, Ledger } from '../ledger/ledger.ts';
import type { CloseReason, Meter, Statement } from '../payments/desk.ts';
import { runMeter, UNITS_PER_SECOND } from './session-meter.ts';

/** The meters of all open sessions. */
export interface SessionMeters {
  /** Starts metering an account that has just been opened in a unit of time. */
  start(session: AccountKey & { unit: PriceUnit; onRelease: (reason: CloseReason) => void }): Meter;
  readonly count: number;
  /** Stops every meter; resolves when the closings are durable. */
  stopAll(reason: CloseReason): Promise<void>;
}

/** A ledger that cannot be written ends a session under this reason: unmetered service is not given away. */
const LEDGER_FAILED: CloseReason = 'ledger-failed';

/** Meters over one ledger. `intervalMs` is the debit interval. */
export function sessionMeters(deps: {
  readonly ledger: Ledger;
  readonly group: GroupCommit;
  readonly clock: Clock;
  readonly intervalMs: number;
  /** Hears of every session that ends, once, with the reason. */
  readonly onClosed: (manifestId: string, reason: CloseReason) => void;
}): SessionMeters {
  const { ledger, group, clock, intervalMs } = deps;
  const running = new Set<Meter>();

  return {
    start({ sender, manifestId, unit, onRelease }) {
      const key = { sender, manifestId };
      const ending = new AbortController();
      let closing: Promise<Statement> | undefined;

      const close = (reason: CloseReason): Promise<Statement> => {
        if (closing !== undefined) return closing;
        ending.abort();
        running.delete(own);
        closing = group
          .run(() => ledger.close(key, reason))
          .then((account) => {
            if (account === undefined) throw new Error(`no account for manifest ${manifestId}`);
            return statementOf(account);
          });
        deps.onClosed(manifestId, reason);
        return closing;
      };

      const own: Meter = {
        manifestId,
        get open() {
          return closing === undefined;
        },
        stop: close,
      };
      running.add(own);
      if (unit === 'fixed') return own;

      let metered = 0n;
      const loop = runMeter({
        clock,
        intervalMs,
        unitsPerSecond: UNITS_PER_SECOND[unit],
        signal: ending.signal,
        debit: (units) => {
          metered += units;
          return group.runDeferred(() => ledger.tickTo(key, metered)).ok;
        },
      });
      void loop.then((end) => {
        if (end === 'stopped') return;
        const reason = end === 'failed' ? LEDGER_FAILED : end;
        // A failed write is reported by the group; the session is over all the same.
        close(reason).catch(() => {});
        onRelease(reason);
      });
      return own;
    },
    get count() {
      return running.size;
    },
    async stopAll(reason) {
      await Promise.all([...running].map((meter) => meter.stop(reason)));
    },
  };
}
