import type { Hex } from '@lp/protocol';

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
  /** Wei, as the contract's `WinningTicketTransfer` told. */
  readonly paidWei?: bigint;
  readonly receivedMs: number;
  readonly settledMs?: number;
}
