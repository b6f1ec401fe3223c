/**
 * Tables of the ledger, as in `sqlite/schema.ts`; `$SCHEMA` stands for the schema. Bytes that are keys are hex. Each entry
 * brings a database from its index to the next version.
 */
export const MIGRATIONS: readonly string[] = [
  `
  CREATE TABLE $SCHEMA.session (
    state_id text PRIMARY KEY,
    identity text NOT NULL,
    manifest_id text NOT NULL,
    opening text UNIQUE,
    sequence numeric(20) NOT NULL,
    digest text NOT NULL,
    rand_hash text NOT NULL,
    state bytea NOT NULL,
    first_nonce bigint NOT NULL,
    tickets integer NOT NULL,
    creation_round numeric(78) NOT NULL,
    creation_round_block_hash text NOT NULL,
    reminted boolean NOT NULL,
    spent_wei numeric(78) NOT NULL,
    answer_id text NOT NULL,
    repeat_until_ms bigint NOT NULL,
    keep_until_ms bigint NOT NULL
  );
  CREATE INDEX session_keep ON $SCHEMA.session (keep_until_ms);

  CREATE TABLE $SCHEMA.nonce (
    rand_hash text PRIMARY KEY,
    last bigint NOT NULL,
    keep_until_ms bigint NOT NULL
  );
  CREATE INDEX nonce_keep ON $SCHEMA.nonce (keep_until_ms);

  CREATE TABLE $SCHEMA.counter (
    key text PRIMARY KEY,
    window_ms bigint NOT NULL,
    wei numeric(78) NOT NULL,
    openings numeric(78) NOT NULL
  );

  CREATE TABLE $SCHEMA.account (
    identity text PRIMARY KEY,
    balance_wei numeric(78) NOT NULL
  );

  CREATE TABLE $SCHEMA.account_entry (
    seq bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at_ms bigint NOT NULL,
    identity text NOT NULL,
    wei numeric(78) NOT NULL,
    balance_after_wei numeric(78) NOT NULL,
    reference text NOT NULL UNIQUE,
    note text NOT NULL
  );
  CREATE INDEX account_entry_identity ON $SCHEMA.account_entry (identity, seq);

  CREATE TABLE $SCHEMA.usage (
    hour_ms bigint NOT NULL,
    identity text NOT NULL,
    app text NOT NULL,
    orchestrator text NOT NULL,
    recipient text NOT NULL,
    model text NOT NULL,
    unit text NOT NULL,
    answers numeric(78) NOT NULL,
    openings numeric(78) NOT NULL,
    tickets numeric(78) NOT NULL,
    units numeric(78) NOT NULL,
    ev_wei numeric(78) NOT NULL,
    fee_wei numeric(78) NOT NULL,
    PRIMARY KEY (hour_ms, identity, app, orchestrator, recipient, model, unit)
  );

  CREATE TABLE $SCHEMA.answer (
    id text PRIMARY KEY,
    state_id text NOT NULL,
    sequence numeric(20) NOT NULL,
    charge text NOT NULL,
    event text,
    usable_until_ms bigint NOT NULL,
    settled boolean NOT NULL
  );
  `,
  // few are open at a time, however many events wait
  `CREATE INDEX answer_open ON $SCHEMA.answer (usable_until_ms) WHERE NOT settled;`,
];
