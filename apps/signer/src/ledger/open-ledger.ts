import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Hex } from '@lp/pm';
import type { Clock } from '@lp/runtime';
import type { Logger } from '@lp/service';
import { SignerLedger } from './signer-ledger.ts';
import { sqliteStore } from './sqlite/sqlite-store.ts';
import { LedgerSetupError, type LedgerStore } from './store.ts';

/** Where the ledger is kept. */
export interface LedgerOptions {
  readonly ledger: 'sqlite' | 'postgres' | 'none';
  /** Folder of the SQLite file. */
  readonly dataDir: string;
  readonly postgresUrl: string | undefined;
  /** Whether other signers, such as go-livepeer's, use the same key. */
  readonly sharedKey: boolean;
}

/** A ledger with the store behind it. */
export interface OpenLedger {
  readonly ledger: SignerLedger;
  readonly store: LedgerStore;
}

/**
 * Opens the ledger of `sender`, and says which promises its mode cannot keep.
 *
 * @throws LedgerSetupError
 */
export async function openLedger(
  options: LedgerOptions,
  { sender, clock, log }: { readonly sender: Hex; readonly clock: Clock; readonly log: Pick<Logger, 'warn'> },
): Promise<OpenLedger> {
  for (const weakness of weaknesses(options)) log.warn(weakness);
  const store = await openStore(options, sender, clock);
  const ledger = new SignerLedger(store, { sharedKey: options.sharedKey });
  await ledger.readLeftovers();
  return { store, ledger };
}

/** What a mode does not promise, in sentences. */
export function weaknesses({ ledger, sharedKey }: Pick<LedgerOptions, 'ledger' | 'sharedKey'>): string[] {
  const found: string[] = [];
  if (ledger === 'none') {
    found.push(
      'no ledger: after a restart, and beside another signer of this key, states can be paid twice, nonces be signed twice, and limits, balances and usage begin at zero',
    );
  }
  if (sharedKey) {
    found.push(
      'shared key: what the other signers of this key answer is not seen here; a state can be paid once by each of them, nonces can be signed twice, and limits and usage count only what this signer answered',
    );
  }
  return found;
}

/**
 * Opens the store alone; without `sender` one that exists, to read it.
 *
 * @throws LedgerSetupError
 */
export async function openStore(
  options: Omit<LedgerOptions, 'sharedKey'>,
  sender: Hex | undefined,
  clock: Clock,
): Promise<LedgerStore> {
  switch (options.ledger) {
    case 'none':
      return sqliteStore(':memory:', { sender, clock });
    case 'sqlite': {
      const file = join(options.dataDir, 'signer.sqlite');
      try {
        mkdirSync(options.dataDir, { recursive: true, mode: 0o700 });
      } catch (cause) {
        throw new LedgerSetupError(`the folder ${options.dataDir} cannot be made: set --data-dir`, { cause });
      }
      return sqliteStore(file, { sender, clock });
    }
    case 'postgres': {
      if (options.postgresUrl === undefined) {
        throw new LedgerSetupError('--ledger postgres needs LP_SIGNER_POSTGRES_URL');
      }
      // the driver takes other text for a host name; what was given may hold a password and is not shown
      if (!/^postgres(ql)?:\/\//.test(options.postgresUrl)) {
        throw new LedgerSetupError('LP_SIGNER_POSTGRES_URL is no postgres://user:password@host/name');
      }
      const { pgConnections } = await import('./postgres/connections.ts');
      const { postgresStore } = await import('./postgres/postgres-store.ts');
      return postgresStore(await pgConnections(options.postgresUrl), { sender, clock });
    }
  }
}
