/**
 * Tables of the ledger. Amounts are decimal TEXT: SQLite's integers end at 2^63. Each entry brings a database from its
 * index to the next version. Columns are documented with the rows (`rows.ts`).
 */
export const MIGRATIONS: readonly string[] = [
  `
  CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;

  CREATE TABLE session (
    state_id TEXT NOT NULL UNIQUE,
    identity TEXT NOT NULL,
    manifest_id TEXT NOT NULL,
    opening BLOB UNIQUE,
    sequence TEXT NOT NULL,
    digest BLOB NOT NULL,
    rand_hash BLOB NOT NULL,
    state BLOB NOT NULL,
    first_nonce INTEGER NOT NULL,
    tickets INTEGER NOT NULL,
    creation_round TEXT NOT NULL,
    creation_round_block_hash BLOB NOT NULL,
    reminted INTEGER NOT NULL,
    spent_wei TEXT NOT NULL,
    answer_id BLOB NOT NULL,
    repeat_until_ms INTEGER NOT NULL,
    keep_until_ms INTEGER NOT NULL
  ) STRICT;

  CREATE TABLE nonce (
    rand_hash BLOB PRIMARY KEY,
    last INTEGER NOT NULL,
    keep_until_ms INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE counter (
    key TEXT PRIMARY KEY,
    window_ms INTEGER NOT NULL,
    wei TEXT NOT NULL,
    openings TEXT NOT NULL
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE account (
    identity TEXT PRIMARY KEY,
    balance_wei TEXT NOT NULL
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE account_entry (
    seq INTEGER PRIMARY KEY,
    at_ms INTEGER NOT NULL,
    identity TEXT NOT NULL,
    wei TEXT NOT NULL,
    balance_after_wei TEXT NOT NULL,
    reference TEXT NOT NULL UNIQUE,
    note TEXT NOT NULL
  ) STRICT;
  CREATE INDEX account_entry_identity ON account_entry (identity, seq);

  CREATE TABLE usage (
    hour_ms INTEGER NOT NULL,
    identity TEXT NOT NULL,
    app TEXT NOT NULL,
    orchestrator TEXT NOT NULL,
    recipient TEXT NOT NULL,
    model TEXT NOT NULL,
    unit TEXT NOT NULL,
    answers TEXT NOT NULL,
    openings TEXT NOT NULL,
    tickets TEXT NOT NULL,
    units TEXT NOT NULL,
    ev_wei TEXT NOT NULL,
    fee_wei TEXT NOT NULL,
    PRIMARY KEY (hour_ms, identity, app, orchestrator, recipient, model, unit)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE answer (
    id BLOB PRIMARY KEY,
    state_id TEXT NOT NULL,
    sequence TEXT NOT NULL,
    charge TEXT NOT NULL,
    event TEXT,
    usable_until_ms INTEGER NOT NULL,
    settled INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
  `,
  // few are open at a time, however many events wait
  `CREATE INDEX answer_open ON answer (usable_until_ms) WHERE settled = 0;`,
];
