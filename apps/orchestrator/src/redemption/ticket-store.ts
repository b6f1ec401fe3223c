import type { Ticket } from '@lp/pm';
import type { WinningTicket } from '@lp/pm/recipient';
import type { Hex } from '@lp/protocol';
import type { Database } from '../ledger/database.ts';

/** Where a winning ticket stands. Only `redeemed` and `given-up` are final. */
export type TicketStatus = 'queued' | 'submitting' | 'redeemed' | 'given-up';

/** One winning ticket as the operator sees it. */
export interface TicketRecord {
  readonly ticketHash: Hex;
  readonly sender: Hex;
  readonly manifestId: string;
  /** Wei. */
  readonly faceValue: bigint;
  readonly creationRound: bigint;
  /** L1 block from which it may be redeemed. */
  readonly expirationBlock: bigint;
  readonly status: TicketStatus;
  /** Why it waits, or why it was given up. */
  readonly note?: string;
  readonly transactionHash?: Hex;
  /** Wei, as the contract's `WinningTicketTransfer` told; absent too for a redeemed ticket whose receipt was not seen. */
  readonly paidWei?: bigint;
  readonly receivedMs: number;
  readonly settledMs?: number;
}

/** A ticket that waits, with everything that redeeming it takes. */
export interface WaitingTicket extends WinningTicket {
  readonly status: 'queued' | 'submitting';
  readonly note?: string;
}

/** Durable queue of winning tickets. Write through the ledger's `GroupCommit`. */
export interface TicketStore {
  /** Queues a winner; a ticket that is already known stays as it is. */
  add(winner: WinningTicket, context: { manifestId: string; nowMs: number }): void;
  /** Oldest first. */
  waiting(): readonly WaitingTicket[];
  waitingCount(): number;
  /** Marks what happens to a ticket. `settledMs` makes it final. */
  mark(
    ticketHash: Hex,
    change: {
      status: TicketStatus;
      note?: string;
      transactionHash?: Hex;
      paidWei?: bigint;
      settledMs?: number;
    },
  ): void;
  /** Newest first. */
  list(limit: number): readonly TicketRecord[];
  /** Wei in face values of redemptions that were sent and are not confirmed, of one sender. */
  pendingOf(sender: Hex): bigint;
}

interface WinnerRow {
  ticket_hash: string;
  sender: string;
  manifest: string;
  recipient: string;
  face_value: string;
  win_prob: string;
  sender_nonce: number;
  recipient_rand_hash: string;
  recipient_rand: string;
  creation_round: string;
  creation_round_block_hash: string;
  expiration_block: string;
  signature: Uint8Array;
  status: TicketStatus;
  note: string | null;
  transaction_hash: string | null;
  paid_wei: string | null;
  received_ms: number;
  settled_ms: number | null;
}

/** The winning tickets in `database`. */
export function ticketStore(database: Database): TicketStore {
  const insert = database.prepare<[WinnerRow]>(`
    INSERT INTO winner VALUES (@ticket_hash, @sender, @manifest, @recipient, @face_value, @win_prob, @sender_nonce,
      @recipient_rand_hash, @recipient_rand, @creation_round, @creation_round_block_hash, @expiration_block, @signature,
      @status, @note, @transaction_hash, @paid_wei, @received_ms, @settled_ms)
    ON CONFLICT (ticket_hash) DO NOTHING`);
  const waiting = database.prepare<[], WinnerRow>(
    "SELECT * FROM winner WHERE status IN ('queued', 'submitting') ORDER BY received_ms, ticket_hash",
  );
  const count = database.prepare<[], { n: number }>(
    "SELECT count(*) AS n FROM winner WHERE status IN ('queued', 'submitting')",
  );
  const mark = database.prepare<
    [Pick<WinnerRow, 'ticket_hash' | 'status' | 'note' | 'transaction_hash' | 'paid_wei' | 'settled_ms'>]
  >(`UPDATE winner SET status = @status, note = @note,
       transaction_hash = coalesce(@transaction_hash, transaction_hash), paid_wei = coalesce(@paid_wei, paid_wei),
       settled_ms = @settled_ms
     WHERE ticket_hash = @ticket_hash`);
  const list = database.prepare<[number], WinnerRow>(
    'SELECT * FROM winner ORDER BY received_ms DESC, ticket_hash LIMIT ?',
  );
  // Asked for with every payment, so it is kept at hand: what is on its way, by ticket.
  const inFlight = new Map<Hex, { readonly sender: Hex; readonly faceValue: bigint }>();
  for (const { ticketHash, ticket, status } of waiting.all().map(toWaiting)) {
    if (status === 'submitting') inFlight.set(ticketHash, ticket);
  }
  const owner = database.prepare<[string], WinnerRow>('SELECT * FROM winner WHERE ticket_hash = ?');
  const follow = (ticketHash: Hex, status: TicketStatus): void => {
    if (status !== 'submitting') inFlight.delete(ticketHash);
    else {
      const row = owner.get(ticketHash);
      if (row !== undefined) inFlight.set(ticketHash, toWaiting(row).ticket);
    }
  };
  return {
    add: (winner, context) => {
      insert.run(toRow(winner, context));
    },
    waiting: () => waiting.all().map(toWaiting),
    waitingCount: () => count.get()?.n ?? 0,
    mark(ticketHash, change) {
      mark.run({
        ticket_hash: ticketHash,
        status: change.status,
        note: change.note ?? null,
        transaction_hash: change.transactionHash ?? null,
        paid_wei: change.paidWei?.toString() ?? null,
        settled_ms: change.settledMs ?? null,
      });
      follow(ticketHash, change.status);
    },
    list: (limit) => list.all(limit).map(toRecord),
    pendingOf(sender) {
      let sum = 0n;
      for (const ticket of inFlight.values()) if (ticket.sender === sender) sum += ticket.faceValue;
      return sum;
    },
  };
}

function toRow(winner: WinningTicket, context: { manifestId: string; nowMs: number }): WinnerRow {
  const { ticket } = winner;
  return {
    ticket_hash: winner.ticketHash,
    sender: ticket.sender,
    manifest: context.manifestId,
    recipient: ticket.recipient,
    face_value: ticket.faceValue.toString(),
    win_prob: ticket.winProb.toString(),
    sender_nonce: ticket.senderNonce,
    recipient_rand_hash: ticket.recipientRandHash,
    recipient_rand: winner.recipientRand.toString(),
    creation_round: ticket.creationRound.toString(),
    creation_round_block_hash: ticket.creationRoundBlockHash,
    expiration_block: winner.expirationBlock.toString(),
    signature: winner.signature,
    status: 'queued',
    note: null,
    transaction_hash: null,
    paid_wei: null,
    received_ms: context.nowMs,
    settled_ms: null,
  };
}

/** The casts in these two name hex that only `toRow` writes. */
function toWaiting(row: WinnerRow): WaitingTicket {
  const ticket: Ticket = {
    recipient: row.recipient as Hex,
    sender: row.sender as Hex,
    faceValue: BigInt(row.face_value),
    winProb: BigInt(row.win_prob),
    senderNonce: row.sender_nonce,
    recipientRandHash: row.recipient_rand_hash as Hex,
    creationRound: BigInt(row.creation_round),
    creationRoundBlockHash: row.creation_round_block_hash as Hex,
  };
  return {
    ticket,
    ticketHash: row.ticket_hash as Hex,
    signature: new Uint8Array(row.signature),
    recipientRand: BigInt(row.recipient_rand),
    expirationBlock: BigInt(row.expiration_block),
    status: row.status === 'submitting' ? 'submitting' : 'queued',
    ...(row.note !== null && { note: row.note }),
  };
}

const toRecord = (row: WinnerRow): TicketRecord => ({
  ticketHash: row.ticket_hash as Hex,
  sender: row.sender as Hex,
  manifestId: row.manifest,
  faceValue: BigInt(row.face_value),
  creationRound: BigInt(row.creation_round),
  expirationBlock: BigInt(row.expiration_block),
  status: row.status,
  ...(row.note !== null && { note: row.note }),
  ...(row.transaction_hash !== null && { transactionHash: row.transaction_hash as Hex }),
  ...(row.paid_wei !== null && { paidWei: BigInt(row.paid_wei) }),
  receivedMs: row.received_ms,
  ...(row.settled_ms !== null && { settledMs: row.settled_ms }),
});
