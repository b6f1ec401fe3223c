import type { Hex } from '@lp/protocol';
import { simulatedClock } from '@lp/runtime/testing';
import { expect, it } from 'vitest';
import { openDatabase } from '../ledger/database.ts';
import { groupCommit } from '../ledger/group-commit.ts';
import { openLedger } from '../ledger/ledger.ts';
import { QUANTA_PER_WEI } from '../ledger/quanta.ts';
import { sessionMeters } from './session-meters.ts';

it('charges the time of a debit whose commit was lost with the next one', async () => {
  const clock = simulatedClock();
  const database = openDatabase(':memory:');
  const failures: unknown[] = [];
  const group = groupCommit(database, clock, (error) => failures.push(error));
  const ledger = openLedger(database, clock);
  const meters = sessionMeters({ ledger, group, clock, intervalMs: 5_000, onClosed: () => {} });
  const key = { sender: `0x${'11'.repeat(20)}` as Hex, manifestId: 'm' };
  await clock.runUntil(
    group.run(() => {
      ledger.credit(key, { quanta: 100n * QUANTA_PER_WEI, tickets: 1 });
      ledger.open(key, { price: { pricePerUnit: 1n, pixelsPerUnit: 1n }, unit: 'seconds' });
    }),
  );
  const meter = meters.start({ ...key, unit: 'seconds', onRelease: () => {} });

  await clock.advance(5_000); // debited, and not yet committed
  expect(ledger.statement('m')?.units).toBe(5n);
  const lost = group.run(() => {
    throw new Error('database or disk is full');
  });
  await expect(lost).rejects.toThrow('nothing was recorded');
  expect([failures.length, ledger.statement('m')?.units]).toEqual([1, 0n]);

  await clock.advance(5_000);
  expect(ledger.statement('m')).toMatchObject({ units: 10n, meteredWei: 10n });
  await clock.runUntil(meter.stop('stopped-by-client'));
  group.close();
  database.close();
});
