import type { Hex } from '@lp/pm';
import { readCharge, writeCharge } from '../charge-json.ts';
import type { AccountEntry, AnswerRow, CounterRow, Rows, SessionRow, UsageKey, UsageSums } from '../rows.ts';
import { addSums, usageKeyText } from '../usage-sums.ts';
import type { Database } from './open-database.ts';

/** Rows over prepared statements. Hot rows are kept back during a group and written once, by `writeBack`. */
export interface SqliteRows extends Rows {
  writeBack(): void;
  forget(): void;
}

/** The rows of a database. */
export function sqliteRows(database: Database): SqliteRows {
  return { ...sessionRows(database), ...hotRows(database), ...answerRows(database) };
}

type SessionPart = Pick<
  Rows,
  'session' | 'sessionOpenedBy' | 'putSession' | 'removeSession' | 'nonce' | 'putNonce'
>;

const SESSION_COLUMNS = `state_id, identity, manifest_id, opening, sequence, digest, rand_hash, state, first_nonce,
  tickets, creation_round, creation_round_block_hash, reminted, spent_wei, answer_id, repeat_until_ms, keep_until_ms`;

function sessionRows(database: Database): SessionPart {
  const byId = database.prepare(`SELECT ${SESSION_COLUMNS} FROM session WHERE state_id = ?`).raw();
  const byOpening = database.prepare(`SELECT ${SESSION_COLUMNS} FROM session WHERE opening = ?`).raw();
  const insert = database.prepare(
    `INSERT INTO session (${SESSION_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
     ON CONFLICT (state_id) DO UPDATE SET manifest_id = excluded.manifest_id, sequence = excluded.sequence, digest = excluded.digest,
       rand_hash = excluded.rand_hash, state = excluded.state, first_nonce = excluded.first_nonce,
       tickets = excluded.tickets, creation_round = excluded.creation_round,
       creation_round_block_hash = excluded.creation_round_block_hash, reminted = excluded.reminted,
       spent_wei = excluded.spent_wei, answer_id = excluded.answer_id,
       repeat_until_ms = excluded.repeat_until_ms, keep_until_ms = excluded.keep_until_ms`,
  );
  const remove = database.prepare('DELETE FROM session WHERE state_id = ?');
  const nonce = database.prepare('SELECT last FROM nonce WHERE rand_hash = ?').pluck();
  const putNonce = database.prepare(
    `INSERT INTO nonce (rand_hash, last, keep_until_ms) VALUES (?, ?, ?)
     ON CONFLICT (rand_hash) DO UPDATE SET last = max(last, excluded.last), keep_until_ms = excluded.keep_until_ms`,
  );
  return {
    // the columns above, in their order: SQLite's STRICT tables hold these types
    session: (stateId) => readSession(byId.get(stateId) as SessionColumns | undefined),
    sessionOpenedBy: (opening) => readSession(byOpening.get(opening) as SessionColumns | undefined),
    putSession(row) {
      insert.run(
        row.stateId,
        row.identity,
        row.manifestId,
        row.opening ?? null,
        row.sequence.toString(),
        row.digest,
        fromHex(row.randHash),
        row.state,
        row.firstNonce,
        row.tickets,
        row.creationRound.toString(),
        fromHex(row.creationRoundBlockHash),
        row.reminted ? 1 : 0,
        row.spentWei.toString(),
        row.answerId,
        row.repeatUntilMs,
        row.keepUntilMs,
      );
    },
    removeSession: (stateId) => void remove.run(stateId),
    nonce: (randHash) => (nonce.get(fromHex(randHash)) as number | undefined) ?? 0,
    putNonce: (randHash, last, keepUntilMs) => void putNonce.run(fromHex(randHash), last, keepUntilMs),
  };
}

type SessionColumns = [
  stateId: string,
  identity: string,
  manifestId: string,
  opening: Buffer | null,
  sequence: string,
  digest: Buffer,
  randHash: Buffer,
  state: Buffer,
  firstNonce: number,
  tickets: number,
  creationRound: string,
  creationRoundBlockHash: Buffer,
  reminted: number,
  spentWei: string,
  answerId: Buffer,
  repeatUntilMs: number,
  keepUntilMs: number,
];

function readSession(columns: SessionColumns | undefined): SessionRow | undefined {
  if (columns === undefined) return undefined;
  return {
    stateId: columns[0],
    identity: columns[1],
    manifestId: columns[2],
    opening: columns[3] ?? undefined,
    sequence: BigInt(columns[4]),
    digest: columns[5],
    randHash: toHex(columns[6]),
    state: columns[7],
    firstNonce: columns[8],
    tickets: columns[9],
    creationRound: BigInt(columns[10]),
    creationRoundBlockHash: toHex(columns[11]),
    reminted: columns[12] === 1,
    spentWei: BigInt(columns[13]),
    answerId: columns[14],
    repeatUntilMs: columns[15],
    keepUntilMs: columns[16],
  };
}

type HotPart = Pick<
  Rows,
  'counter' | 'putCounter' | 'balance' | 'putBalance' | 'addUsage' | 'accountEntry' | 'addAccountEntry'
> &
  Pick<SqliteRows, 'writeBack' | 'forget'>;

/** Rows that every answer of a group touches again: read at most once a group, written once at its end. */
function hotRows(database: Database): HotPart {
  const readCounter = database.prepare('SELECT window_ms, wei, openings FROM counter WHERE key = ?').raw();
  const writeCounter = database.prepare('INSERT OR REPLACE INTO counter VALUES (?, ?, ?, ?)');
  const readBalance = database.prepare('SELECT balance_wei FROM account WHERE identity = ?').pluck();
  const writeBalance = database.prepare('INSERT OR REPLACE INTO account VALUES (?, ?)');
  const WHERE = `hour_ms = ? AND identity = ? AND app = ? AND orchestrator = ? AND recipient = ? AND model = ? AND unit = ?`;
  const readUsage = database
    .prepare(`SELECT answers, openings, tickets, units, ev_wei, fee_wei FROM usage WHERE ${WHERE}`)
    .raw();
  const writeUsage = database.prepare(
    `INSERT OR REPLACE INTO usage (hour_ms, identity, app, orchestrator, recipient, model, unit,
       answers, openings, tickets, units, ev_wei, fee_wei) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  );
  const addEntry = database.prepare(
    'INSERT INTO account_entry (at_ms, identity, wei, balance_after_wei, reference, note) VALUES (?, ?, ?, ?, ?, ?)',
  );
  const readEntry = database.prepare('SELECT * FROM account_entry WHERE reference = ?');
  const counters = new Map<string, { row: CounterRow | undefined; dirty: boolean }>();
  const balances = new Map<string, { wei: bigint | undefined; dirty: boolean }>();
  const usage = new Map<string, { key: UsageKey; added: UsageSums }>();
  return {
    counter(key) {
      let kept = counters.get(key);
      if (kept === undefined) {
        const columns = readCounter.get(key) as [number, string, string] | undefined;
        const row =
          columns === undefined
            ? undefined
            : { windowMs: columns[0], wei: BigInt(columns[1]), openings: BigInt(columns[2]) };
        kept = { row, dirty: false };
        if (database.inTransaction) counters.set(key, kept);
      }
      return kept.row;
    },
    putCounter: (key, row) => void counters.set(key, { row, dirty: true }),
    balance(identity) {
      let kept = balances.get(identity);
      if (kept === undefined) {
        const text = readBalance.get(identity) as string | undefined;
        kept = { wei: text === undefined ? undefined : BigInt(text), dirty: false };
        if (database.inTransaction) balances.set(identity, kept);
      }
      return kept.wei;
    },
    putBalance: (identity, wei) => void balances.set(identity, { wei, dirty: true }),
    addUsage(key, sums) {
      const text = usageKeyText(key);
      const kept = usage.get(text);
      usage.set(text, { key, added: kept === undefined ? sums : addSums(kept.added, sums) });
    },
    accountEntry(reference) {
      const columns = readEntry.get(reference) as EntryColumns | undefined;
      return columns === undefined ? undefined : readAccountEntry(columns);
    },
    addAccountEntry({ atMs, identity, wei, balanceAfterWei, reference, note }) {
      addEntry.run(atMs, identity, wei.toString(), balanceAfterWei.toString(), reference, note);
    },
    writeBack() {
      for (const [key, { row, dirty }] of counters) {
        if (dirty && row !== undefined)
          writeCounter.run(key, row.windowMs, row.wei.toString(), row.openings.toString());
      }
      for (const [identity, { wei, dirty }] of balances) {
        if (dirty && wei !== undefined) writeBalance.run(identity, wei.toString());
      }
      for (const { key, added } of usage.values()) {
        const at = [key.hourMs, key.identity, key.app, key.orchestrator, key.recipient, key.model, key.unit];
        const columns = readUsage.get(...at) as string[] | undefined;
        const before = (index: number) => BigInt(columns?.[index] ?? 0);
        writeUsage.run(
          ...at,
          (before(0) + added.answers).toString(),
          (before(1) + added.openings).toString(),
          (before(2) + added.tickets).toString(),
          (before(3) + added.units).toString(),
          (before(4) + added.evWei).toString(),
          (before(5) + added.feeWei).toString(),
        );
      }
    },
    forget() {
      counters.clear();
      balances.clear();
      usage.clear();
    },
  };
}

/** An account entry as SQLite gives it. */
export interface EntryColumns {
  readonly at_ms: number;
  readonly identity: string;
  readonly wei: string;
  readonly balance_after_wei: string;
  readonly reference: string;
  readonly note: string;
}

/** An account entry from its columns. */
export function readAccountEntry(row: EntryColumns): AccountEntry {
  return {
    atMs: row.at_ms,
    identity: row.identity,
    wei: BigInt(row.wei),
    balanceAfterWei: BigInt(row.balance_after_wei),
    reference: row.reference,
    note: row.note,
  };
}

type AnswerPart = Pick<Rows, 'answer' | 'addAnswer' | 'settleAnswer' | 'removeAnswer'>;

function answerRows(database: Database): AnswerPart {
  const read = database.prepare(`SELECT ${ANSWER_COLUMNS} FROM answer WHERE id = ?`).raw();
  const add = database.prepare(`INSERT INTO answer (${ANSWER_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, 0)`);
  const settle = database.prepare('UPDATE answer SET settled = 1 WHERE id = ? AND event IS NOT NULL');
  const settled = database.prepare('DELETE FROM answer WHERE id = ? AND event IS NULL');
  const remove = database.prepare('DELETE FROM answer WHERE id = ?');
  return {
    answer: (id) => readAnswer(read.get(id) as AnswerColumns | undefined),
    addAnswer({ id, stateId, sequence, charge, event, usableUntilMs }) {
      add.run(id, stateId, sequence.toString(), writeCharge(charge), event ?? null, usableUntilMs);
    },
    settleAnswer(id) {
      if (settled.run(id).changes === 0) settle.run(id);
    },
    removeAnswer: (id) => void remove.run(id),
  };
}

/** Columns of an answer, in the order of `readAnswer`. */
export const ANSWER_COLUMNS = 'id, state_id, sequence, charge, event, usable_until_ms, settled';

type AnswerColumns = [Buffer, string, string, string, string | null, number, number];

/** An answer from its columns. */
export function readAnswer(columns: AnswerColumns | undefined): AnswerRow | undefined {
  if (columns === undefined) return undefined;
  const [id, stateId, sequence, charge, event, usableUntilMs, settled] = columns;
  return {
    id,
    stateId,
    sequence: BigInt(sequence),
    charge: readCharge(charge),
    event: event ?? undefined,
    usableUntilMs,
    settled: settled === 1,
  };
}

function fromHex(hex: Hex): Buffer {
  return Buffer.from(hex.slice(2), 'hex');
}

function toHex(bytes: Buffer): Hex {
  return `0x${bytes.toString('hex')}`;
}
