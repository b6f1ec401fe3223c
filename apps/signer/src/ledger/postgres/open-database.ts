import { messageOf } from '../../message-of.ts';
import { LedgerSetupError } from '../store.ts';
import type { Connection, Connections } from './connections.ts';
import { MIGRATIONS } from './schema.ts';

/**
 * Creates or upgrades the tables, and says whose ledger it is.
 *
 * @param sender whose it has to be; without it the ledger must exist.
 * @throws LedgerSetupError
 */
export async function openDatabase(
  connections: Connections,
  schema: string,
  sender: string | undefined,
): Promise<string> {
  let connection: Connection | undefined;
  try {
    connection = await connections.connect();
    await connection.query('BEGIN ISOLATION LEVEL READ COMMITTED');
    await connection.query(lockStatement(schema));
    await connection.query(`CREATE SCHEMA IF NOT EXISTS ${schema}`);
    await connection.query(
      `CREATE TABLE IF NOT EXISTS ${schema}.meta (name text PRIMARY KEY, value text NOT NULL)`,
    );
    await migrate(connection, schema);
    const owner = await ownerOf(connection, schema, sender);
    await connection.query('COMMIT');
    connection.release();
    return owner;
  } catch (cause) {
    connection?.release(cause instanceof Error ? cause : new Error('opening the ledger failed'));
    if (cause instanceof LedgerSetupError) throw cause;
    // the message of the driver: it names hosts and roles, never the password
    const reason = messageOf(cause);
    throw new LedgerSetupError(`the ledger in Postgres cannot be opened: ${reason}`, { cause });
  }
}

/**
 * Takes the ledger for one transaction: they are one after the other, whoever begins them. What is committed is on disk,
 * also where the database does without by default: a nonce that a crash of it forgot would be signed twice.
 */
export function lockStatement(schema: string): string {
  const setting = `current_setting('synchronous_commit')`;
  return `SELECT pg_advisory_xact_lock(hashtext('lp-signer ${schema}')),
    set_config('synchronous_commit', CASE ${setting} WHEN 'off' THEN 'on' ELSE ${setting} END, true)`;
}

async function migrate(connection: Connection, schema: string): Promise<void> {
  const version = Number((await meta(connection, schema, 'version')) ?? 0);
  if (version > MIGRATIONS.length) {
    throw new LedgerSetupError(
      `the ledger has version ${version}, this program knows up to ${MIGRATIONS.length}: install a newer one`,
    );
  }
  for (const step of MIGRATIONS.slice(version)) {
    for (const statement of step.replaceAll('$SCHEMA', schema).split(';')) {
      if (statement.trim() !== '') await connection.query(statement);
    }
  }
  await connection.query(
    `INSERT INTO ${schema}.meta VALUES ('version', $1) ON CONFLICT (name) DO UPDATE SET value = excluded.value`,
    [String(MIGRATIONS.length)],
  );
}

async function ownerOf(connection: Connection, schema: string, sender: string | undefined): Promise<string> {
  if (sender !== undefined) {
    await connection.query(`INSERT INTO ${schema}.meta VALUES ('sender', $1) ON CONFLICT DO NOTHING`, [
      sender,
    ]);
  }
  const owner = await meta(connection, schema, 'sender');
  if (owner === undefined) throw new LedgerSetupError('the ledger was never used by a signer');
  if (sender !== undefined && owner !== sender) {
    throw new LedgerSetupError(
      `the ledger belongs to ${owner}, not to ${sender}: give each key its own database`,
    );
  }
  return owner;
}

async function meta(connection: Connection, schema: string, name: string): Promise<string | undefined> {
  const { rows } = await connection.query(`SELECT value FROM ${schema}.meta WHERE name = $1`, [name]);
  return (rows[0] as { value: string } | undefined)?.value; // the column asked for
}
