import type { Hex } from '@lp/protocol';

/** The signer's state: opaque, kept whole and sent back as it came (remote-signer.md section 1.4). */
export interface SignerStateBlob {
  readonly State: string;
  readonly Sig: string;
}

/** A payment as the signer minted it. */
export interface MintedPayment {
  /** Value of `Livepeer-Payment`. */
  readonly payment: string;
  /** Value of `Livepeer-Segment`. */
  readonly segment: string;
  readonly tickets: number;
  /** Of the last ticket; 0 without tickets. */
  readonly lastNonce: number;
  readonly recipientRandHash: Hex;
  /** All tickets, in quanta of 1 / (2^256 - 1) wei. */
  readonly quanta: bigint;
  readonly evQuanta: bigint;
}

/** How a session stands, as a signer with lead tells it (field `lpFunding`). */
export interface SignerCredit {
  /** Credit at the orchestrator by the signer's account, in nanoseconds of session. */
  readonly creditNs: bigint;
  /** A call would pay again at once. */
  readonly more: boolean;
}

/** What a signer said (funding.md rule 5). */
export type SignerAnswer =
  | {
      readonly kind: 'payment';
      readonly minted: MintedPayment;
      readonly state: SignerStateBlob;
      /** Absent from a signer without lead. */
      readonly credit?: SignerCredit;
    }
  /** 480 */
  | { readonly kind: 'refresh'; readonly orchestratorUrl?: string }
  /** 481 */
  | { readonly kind: 'price'; readonly message: string }
  /** 482 */
  | { readonly kind: 'nothing-due'; readonly credit?: SignerCredit }
  /** 483 */
  | { readonly kind: 'budget'; readonly message: string }
  /** 401, 403 */
  | { readonly kind: 'forbidden'; readonly status: number; readonly message: string }
  /** 400 and any other final refusal. */
  | { readonly kind: 'refused'; readonly status: number; readonly message: string; readonly code?: string }
  /** 5xx, 408, 429, no answer, or one that cannot be read: try again. */
  | { readonly kind: 'failed'; readonly message: string; readonly status?: number; readonly cause?: unknown };
