import Sqlite from 'better-sqlite3';
import { MIGRATIONS } from './schema.ts';

/** A connection to the money database. */
export type Database = Sqlite.Database;

/** The database file was written by a newer version of this program. */
export class DatabaseVersionError extends Error {
  override readonly name = 'DatabaseVersionError';
  readonly code = 'database-too-new';
}

/**
 * Opens (and creates or upgrades) the database of the money side. What is committed survives power loss: write-ahead
 * log with a sync at every commit. One process at a time: the file is locked for as long as it is open.
 *
 * @param file Path, or `:memory:`.
 * @throws DatabaseVersionError; SqliteError when the file cannot be opened or another process holds it.
 */
export function openDatabase(file: string): Database {
  const database = new Sqlite(file);
  try {
    database.pragma('locking_mode = EXCLUSIVE');
    database.pragma('journal_mode = WAL');
    database.pragma('synchronous = FULL');
    migrate(database);
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

function migrate(database: Database): void {
  const version = Number(database.pragma('user_version', { simple: true }));
  if (version > MIGRATIONS.length) {
    throw new DatabaseVersionError(
      `the ledger database has version ${version}, this program knows up to ${MIGRATIONS.length}: install a newer one`,
    );
  }
  database.transaction(() => {
    for (const step of MIGRATIONS.slice(version)) database.exec(step);
    database.pragma(`user_version = ${MIGRATIONS.length}`);
  })();
}
