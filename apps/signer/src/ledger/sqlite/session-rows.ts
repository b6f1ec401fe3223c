import type { Hex } from '@lp/pm';
import type { Rows, SessionRow } from '../rows.ts';
import type { Database } from './open-database.ts';

/** What is read and written of sessions and nonces. */
export type SessionPart = Pick<
  Rows,
  'session' | 'sessionOpenedBy' | 'putSession' | 'removeSession' | 'nonce' | 'putNonce'
>;

const SESSION_COLUMNS = `state_id, identity, manifest_id, opening, sequence, digest, rand_hash, state, first_nonce,
  tickets, creation_round, creation_round_block_hash, reminted, spent_wei, answer_id, repeat_until_ms, keep_until_ms`;

/** Sessions and nonces over prepared statements. */
export function sessionRows(database: Database): SessionPart {
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

function fromHex(hex: Hex): Buffer {
  return Buffer.from(hex.slice(2), 'hex');
}

function toHex(bytes: Buffer): Hex {
  return `0x${bytes.toString('hex')}`;
}
