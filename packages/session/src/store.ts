import type { Price } from '@lp/pricing';
import type { SessionCheckpoint } from './resume/checkpoint.ts';
import type { SignerStateBlob } from './signer/answer.ts';

/**
 * What must survive a crash, as it is handed over before a payment is sent: the payment itself, the signer's new state
 * and the params it used. After a crash go on with this state only, and never mint again under this
 * `recipientRandHash`.
 */
export interface PaymentRecord {
  /** The session's manifest id. */
  readonly manifestId: string;
  readonly app: string;
  readonly runner: string;
  readonly orchestrator: string;
  readonly price: Price;
  /** Where the payment goes; the runner's URL for the opening one. */
  readonly paymentUrl: string;
  readonly controlUrl: string | undefined;
  /** Value of `Livepeer-Payment`. */
  readonly payment: string;
  /** Value of `Livepeer-Segment`. */
  readonly segment: string;
  readonly signerState: SignerStateBlob;
  readonly recipientRandHash: string;
  /** For `resumeSession`; JSON-safe. Undefined for a session that is paid once. */
  readonly checkpoint: SessionCheckpoint | undefined;
  /** Wall time, milliseconds. */
  readonly atMs: number;
}

/** Makes a record durable. The payment is sent when it resolves; when it throws, the session ends unpaid. */
export type SessionStore = (record: PaymentRecord) => void | Promise<void>;
