import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { simulatedClock } from '@lp/runtime/testing';
import { expect, it } from 'vitest';
import { openDatabase } from '../src/ledger/database.ts';
import { journal } from '../src/ledger/journal.ts';
import { openLedger } from '../src/ledger/ledger.ts';
import { cumulativeFee } from '../src/ledger/quanta.ts';

const WRITER = fileURLToPath(new URL('./ledger-writer.ts', import.meta.url));

/** Lets a writer work until it has acknowledged `operations`, kills it, and returns the highest count per session. */
async function writeUntilKilled(file: string, run: number, operations: number): Promise<Map<string, number>> {
  const child: ChildProcess = spawn(process.execPath, ['--conditions=lp-source', WRITER, file, String(run)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const acknowledged = new Map<string, number>();
  let seen = 0;
  if (child.stdout === null) throw new Error('no output');
  for await (const line of createInterface({ input: child.stdout })) {
    const [manifest = '', credits = '0'] = line.split(' ');
    acknowledged.set(manifest, Number(credits));
    if (++seen === operations) child.kill('SIGKILL');
  }
  return acknowledged;
}

it('loses nothing that was acknowledged when the process is killed', { timeout: 60_000 }, async () => {
  const folder = mkdtempSync(join(tmpdir(), 'lp-crash-'));
  const file = join(folder, 'ledger.db');
  const acknowledged = new Map<string, number>();
  try {
    for (const [run, operations] of [1, 17, 60, 201].entries()) {
      for (const entry of await writeUntilKilled(file, run, operations)) acknowledged.set(...entry);
      const database = openDatabase(file);
      const ledger = openLedger(database, simulatedClock());
      const totals = journal(database).replay();
      for (const [manifest, credits] of acknowledged) {
        const account = ledger.statement(manifest);
        expect(account?.tickets).toBeGreaterThanOrEqual(credits);
        // What is there is whole: the account is the sum of its journal, the debits are the fee of the units.
        const sum = totals.get(`0x${'11'.repeat(20)} ${manifest}`);
        expect(account?.creditedQuanta).toBe(sum?.credited);
        expect(account?.meteredQuanta).toBe(sum?.spent);
        expect(account?.meteredQuanta).toBe(cumulativeFee(account!.units, account!.price!));
      }
      ledger.closeAll('orchestrator-restarted');
      database.close();
    }
    expect(acknowledged.size).toBeGreaterThanOrEqual(13);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
