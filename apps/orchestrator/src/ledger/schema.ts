/**
 * Tables of the money side. Amounts are quanta, wei or units as decimal TEXT: SQLite's integers end at 2^63. Each
 * entry brings a database from its index to the next version.
 *
 * Accounts and journal grow at their end and have no index that a payment changes: a commit then writes few pages,
 * whatever the manifest ids of the sessions that pay.
 */
export const MIGRATIONS: readonly string[] = [
  `
  CREATE TABLE account (
    sender TEXT NOT NULL,
    manifest TEXT NOT NULL,
    credited TEXT NOT NULL,
    spent TEXT NOT NULL,
    units TEXT NOT NULL,
    price_per_unit TEXT,
    pixels_per_unit TEXT,
    unit TEXT,
    payments INTEGER NOT NULL,
    tickets INTEGER NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('unopened', 'open', 'closed')),
    reason TEXT,
    opened_ms INTEGER,
    closed_ms INTEGER,
    touched_ms INTEGER NOT NULL,
    UNIQUE (manifest, sender)
  ) STRICT;

  CREATE TABLE journal (
    seq INTEGER PRIMARY KEY,
    at_ms INTEGER NOT NULL,
    operation TEXT NOT NULL CHECK (operation IN ('credit', 'open', 'tick', 'close')),
    sender TEXT NOT NULL,
    manifest TEXT NOT NULL,
    quanta TEXT NOT NULL,
    units TEXT NOT NULL,
    detail TEXT NOT NULL
  ) STRICT;

  CREATE TABLE winner (
    ticket_hash TEXT PRIMARY KEY,
    sender TEXT NOT NULL,
    manifest TEXT NOT NULL,
    recipient TEXT NOT NULL,
    face_value TEXT NOT NULL,
    win_prob TEXT NOT NULL,
    sender_nonce INTEGER NOT NULL,
    recipient_rand_hash TEXT NOT NULL,
    recipient_rand TEXT NOT NULL,
    creation_round TEXT NOT NULL,
    creation_round_block_hash TEXT NOT NULL,
    expiration_block TEXT NOT NULL,
    signature BLOB NOT NULL,
    status TEXT NOT NULL CHECK (status IN ('queued', 'submitting', 'redeemed', 'given-up')),
    note TEXT,
    transaction_hash TEXT,
    paid_wei TEXT,
    received_ms INTEGER NOT NULL,
    settled_ms INTEGER
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX winner_waiting ON winner (received_ms) WHERE status IN ('queued', 'submitting');
  CREATE INDEX winner_received ON winner (received_ms);
  `,
];
