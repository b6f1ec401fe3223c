/**
 * A process to be killed: credits, opens and debits without end, and prints each operation once it was acknowledged.
 * Usage: node ledger-writer.ts <database file> <run>
 */
import { systemClock } from '@lp/runtime';
import { openDatabase } from '../src/ledger/database.ts';
import { groupCommit } from '../src/ledger/group-commit.ts';
import { openLedger } from '../src/ledger/ledger.ts';

const [file = '', run = ''] = process.argv.slice(2);
const database = openDatabase(file);
const group = groupCommit(database, systemClock, (error) => {
  throw error;
});
const ledger = openLedger(database, systemClock);
const price = { pricePerUnit: 7n, pixelsPerUnit: 3n };

async function session(number: number): Promise<never> {
  const key = { sender: `0x${'11'.repeat(20)}`, manifestId: `${run}-${number}` } as const;
  await group.run(() => ledger.credit(key, { quanta: 10n ** 80n, tickets: 1, price }));
  await group.run(() => ledger.open(key, { price, unit: 'seconds' }));
  for (let credits = 2; ; credits++) {
    group.runDeferred(() => ledger.tick(key, 5n));
    await group.run(() => ledger.credit(key, { quanta: 10n ** 80n, tickets: 1, price }));
    process.stdout.write(`${key.manifestId} ${credits}\n`);
  }
}

await Promise.all([1, 2, 3, 4].map(session));
