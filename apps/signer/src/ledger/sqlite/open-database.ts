import Sqlite from 'better-sqlite3';
import { LedgerSetupError } from '../store.ts';
import { MIGRATIONS } from './schema.ts';

/** A connection to the ledger. */
export type Database = Sqlite.Database;

/** How long a transaction of another process is waited for. */
const BUSY_MS = 3000;

/**
 * Opens (and creates or upgrades) a ledger file. What is committed survives power loss: write-ahead log with a sync at
 * every commit. Several processes of one host may share a file.
 *
 * @param file path, or `:memory:`.
 * @param sender the address whose nonces it keeps: a ledger belongs to one key. Without it the file must exist.
 * @throws LedgerSetupError
 */
export function openDatabase(
  file: string,
  sender: string | undefined,
): { readonly database: Database; readonly sender: string } {
  let database: Database | undefined;
  try {
    database = new Sqlite(file, { timeout: BUSY_MS, fileMustExist: sender === undefined });
    database.pragma('journal_mode = WAL');
    database.pragma('synchronous = FULL');
    database.pragma('cache_size = -8192');
    migrate(database);
    return { database, sender: ownerOf(database, sender) };
  } catch (cause) {
    database?.close();
    if (cause instanceof LedgerSetupError) throw cause;
    throw new LedgerSetupError(`the ledger file ${file} cannot be opened: ${whatToDo(cause)}`, { cause });
  }
}

function whatToDo(cause: unknown): string {
  const { code, message } = cause as { code?: unknown; message?: unknown }; // SQLite's errors; anything else has neither
  switch (code) {
    case 'SQLITE_CANTOPEN':
      return 'there is none, or this user may not: check --data-dir (LP_SIGNER_DATA_DIR)';
    case 'SQLITE_NOTADB':
    case 'SQLITE_CORRUPT':
      return `${String(message)}: put a copy back, or move it away to begin with none, which forgets what was paid and spent`;
    default:
      return String(message);
  }
}

function migrate(database: Database): void {
  database
    .transaction(() => {
      const version = Number(database.pragma('user_version', { simple: true }));
      if (version > MIGRATIONS.length) {
        throw new LedgerSetupError(
          `the ledger has version ${version}, this program knows up to ${MIGRATIONS.length}: install a newer one`,
        );
      }
      for (const step of MIGRATIONS.slice(version)) database.exec(step);
      database.pragma(`user_version = ${MIGRATIONS.length}`);
    })
    .immediate();
}

function ownerOf(database: Database, sender: string | undefined): string {
  if (sender !== undefined) {
    database.prepare(`INSERT OR IGNORE INTO meta (name, value) VALUES ('sender', ?)`).run(sender);
  }
  const owner = database.prepare(`SELECT value FROM meta WHERE name = 'sender'`).pluck().get();
  if (typeof owner !== 'string') throw new LedgerSetupError('the ledger was never used by a signer');
  if (sender !== undefined && owner !== sender) {
    throw new LedgerSetupError(`the ledger belongs to ${owner}, not to ${sender}: give each key its own`);
  }
  return owner;
}
