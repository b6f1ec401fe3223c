import type { Hex } from '@lp/pm';
import { readCharge, writeCharge } from '../charge-json.ts';
import type { AccountEntry, AnswerRow, SessionRow, UsageKey, UsageSums } from '../rows.ts';
import type { UsageRow } from '../store.ts';

/** Columns of a session, as they are read. */
export const SESSION = `state_id, identity, manifest_id, opening, sequence, digest, rand_hash, encode(state, 'hex') AS state,
  first_nonce, tickets, creation_round, creation_round_block_hash, reminted, spent_wei, answer_id, repeat_until_ms,
  keep_until_ms`;
/** The same with types, as they are written: the state in hex. */
export const SESSION_TYPES = `state_id text, identity text, manifest_id text, opening text, sequence numeric, digest text,
  rand_hash text, state text, first_nonce bigint, tickets integer, creation_round numeric,
  creation_round_block_hash text, reminted boolean, spent_wei numeric, answer_id text, repeat_until_ms bigint,
  keep_until_ms bigint`;
/** What a newer answer changes. */
export const SESSION_UPDATES = [
  'manifest_id',
  'sequence',
  'digest',
  'rand_hash',
  'state',
  'first_nonce',
  'tickets',
  'creation_round',
  'creation_round_block_hash',
  'reminted',
  'spent_wei',
  'answer_id',
  'repeat_until_ms',
  'keep_until_ms',
]
  .map((column) => `${column} = excluded.${column}`)
  .join(', ');

/** A session as it is read: whole numbers beyond 32 bits come as text from one driver, as numbers from another. */
export type SessionColumns = Record<
  | 'state_id'
  | 'identity'
  | 'manifest_id'
  | 'digest'
  | 'rand_hash'
  | 'state'
  | 'creation_round_block_hash'
  | 'answer_id',
  string
> &
  Record<
    | 'sequence'
    | 'first_nonce'
    | 'tickets'
    | 'creation_round'
    | 'spent_wei'
    | 'repeat_until_ms'
    | 'keep_until_ms',
    unknown
  > & { readonly opening: string | null; readonly reminted: boolean };

/** A session from its columns. */
export function readSession(row: SessionColumns): SessionRow {
  return {
    stateId: row.state_id,
    identity: row.identity,
    manifestId: row.manifest_id,
    opening: row.opening === null ? undefined : fromHex(row.opening),
    sequence: toBigInt(row.sequence),
    digest: fromHex(row.digest),
    randHash: row.rand_hash as Hex, // written by writeSession
    state: fromHex(row.state),
    firstNonce: Number(row.first_nonce),
    tickets: Number(row.tickets),
    creationRound: toBigInt(row.creation_round),
    creationRoundBlockHash: row.creation_round_block_hash as Hex, // as above
    reminted: row.reminted,
    spentWei: toBigInt(row.spent_wei),
    answerId: fromHex(row.answer_id),
    repeatUntilMs: Number(row.repeat_until_ms),
    keepUntilMs: Number(row.keep_until_ms),
  };
}

/** A session for `jsonb_to_recordset`; nothing for none. */
export function writeSession(row: SessionRow | undefined): Record<string, unknown>[] {
  if (row === undefined) return [];
  return [
    {
      state_id: row.stateId,
      identity: row.identity,
      manifest_id: row.manifestId,
      opening: row.opening === undefined ? null : toHex(row.opening),
      sequence: `${row.sequence}`,
      digest: toHex(row.digest),
      rand_hash: row.randHash,
      state: toHex(row.state),
      first_nonce: row.firstNonce,
      tickets: row.tickets,
      creation_round: `${row.creationRound}`,
      creation_round_block_hash: row.creationRoundBlockHash,
      reminted: row.reminted,
      spent_wei: `${row.spentWei}`,
      answer_id: toHex(row.answerId),
      repeat_until_ms: row.repeatUntilMs,
      keep_until_ms: row.keepUntilMs,
    },
  ];
}

/** Columns of an answer. */
export const ANSWER = 'id, state_id, sequence, charge, event, usable_until_ms, settled';

/** An answer as it is read. */
export interface AnswerColumns {
  readonly id: string;
  readonly state_id: string;
  readonly sequence: unknown;
  readonly charge: string;
  readonly event: string | null;
  readonly usable_until_ms: unknown;
  readonly settled: boolean;
}

/** An answer from its columns. */
export function readAnswer(row: AnswerColumns): AnswerRow {
  return {
    id: fromHex(row.id),
    stateId: row.state_id,
    sequence: toBigInt(row.sequence),
    charge: readCharge(row.charge),
    event: row.event ?? undefined,
    usableUntilMs: Number(row.usable_until_ms),
    settled: row.settled,
  };
}

/** An answer for `jsonb_to_recordset`; nothing for none. */
export function writeAnswer(id: string, row: AnswerRow | undefined): Record<string, unknown>[] {
  if (row === undefined) return [];
  return [
    {
      id,
      state_id: row.stateId,
      sequence: `${row.sequence}`,
      charge: writeCharge(row.charge),
      event: row.event ?? null,
      usable_until_ms: row.usableUntilMs,
      settled: false,
    },
  ];
}

/** Columns of an account entry. */
export const ENTRY = 'at_ms, identity, wei, balance_after_wei, reference, note';

/** An account entry as it is read. */
export interface EntryColumns {
  readonly at_ms: unknown;
  readonly identity: string;
  readonly wei: unknown;
  readonly balance_after_wei: unknown;
  readonly reference: string;
  readonly note: string;
}

/** An account entry from its columns. */
export function readEntry(row: EntryColumns): AccountEntry {
  return {
    atMs: Number(row.at_ms),
    identity: row.identity,
    wei: toBigInt(row.wei),
    balanceAfterWei: toBigInt(row.balance_after_wei),
    reference: row.reference,
    note: row.note,
  };
}

const SUMS = ['answers', 'openings', 'tickets', 'units', 'ev_wei', 'fee_wei'] as const;
/** Columns of usage with types, as they are written. */
export const USAGE_TYPES = `hour_ms bigint, identity text, app text, orchestrator text, recipient text, model text, unit text, ${SUMS.map((column) => `${column} numeric`).join(', ')}`;
/** Usage is added to what is there. */
export const USAGE_CONFLICT = `ON CONFLICT (hour_ms, identity, app, orchestrator, recipient, model, unit) DO UPDATE SET ${SUMS.map((column) => `${column} = present.${column} + excluded.${column}`).join(', ')}`;

/** Usage for `jsonb_to_recordset`. */
export function writeUsage({ key, added }: { readonly key: UsageKey; readonly added: UsageSums }) {
  const { hourMs, ...rest } = key;
  const { answers, openings, tickets, units, evWei, feeWei } = added;
  const sums = [answers, openings, tickets, units, evWei, feeWei].map(String);
  return {
    hour_ms: hourMs,
    ...rest,
    ...Object.fromEntries(SUMS.map((column, index) => [column, sums[index]])),
  };
}

/** Usage as it is read. */
export type UsageColumns = Record<
  'identity' | 'app' | 'orchestrator' | 'recipient' | 'model' | 'unit',
  string
> &
  Record<(typeof SUMS)[number] | 'hour_ms', unknown>;

/** Usage from its columns. */
export function readUsage(row: UsageColumns): UsageRow {
  const { identity, app, orchestrator, recipient, model, unit } = row;
  return {
    hourMs: Number(row.hour_ms),
    identity,
    app,
    orchestrator,
    recipient,
    model,
    unit,
    answers: toBigInt(row.answers),
    openings: toBigInt(row.openings),
    tickets: toBigInt(row.tickets),
    units: toBigInt(row.units),
    evWei: toBigInt(row.ev_wei),
    feeWei: toBigInt(row.fee_wei),
  };
}

/** A whole number as any driver gives it. */
export function toBigInt(value: unknown): bigint {
  return BigInt(String(value));
}

/** Bytes as hex without a prefix. */
export function toHex(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('hex');
}

function fromHex(hex: string): Uint8Array {
  return Buffer.from(hex, 'hex');
}
