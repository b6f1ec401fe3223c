import type { Hex } from '@lp/protocol';
import type { CloseReason } from './desk.ts';

/** What happens on the money side, for logs and metrics. No secret is in it. */
export type DeskEvent =
  | { readonly type: 'chain-unreachable'; readonly ageMs: number | undefined; readonly cause: unknown }
  | { readonly type: 'chain-back'; readonly l1Block: bigint }
  | {
      readonly type: 'payment';
      readonly manifestId: string;
      readonly tickets: number;
      readonly winners: number;
    }
  | {
      readonly type: 'ticket-refused';
      readonly manifestId: string;
      readonly code: string;
      readonly text: string;
    }
  | { readonly type: 'session-closed'; readonly manifestId: string; readonly reason: CloseReason }
  | { readonly type: 'ledger-failed'; readonly cause: unknown }
  | {
      readonly type: 'redeemed';
      readonly ticketHash: Hex;
      readonly paidWei: bigint;
      readonly transactionHash: Hex;
    }
  /** The contract says that it was redeemed; the transaction's receipt was not seen. */
  | { readonly type: 'redeemed-unseen'; readonly ticketHash: Hex }
  | { readonly type: 'redemption-waits'; readonly ticketHash: Hex; readonly note: string }
  | { readonly type: 'redemption-given-up'; readonly ticketHash: Hex; readonly note: string }
  | { readonly type: 'redemption-failed'; readonly cause: unknown };

/** Receives events. Must not throw. */
export type DeskListener = (event: DeskEvent) => void;
