/** An HTTP answer that is ready to send. */
export interface DeskReply {
  readonly status: number;
  readonly contentType: 'text/plain; charset=utf-8' | 'application/json' | 'application/octet-stream';
  readonly body: string | Uint8Array;
}

/** Why money said no. Stable: tests, metrics and clients of the admin API key on it. */
export type PaymentRefusalCode =
  /** The payer address of a challenge is missing or malformed (402, JSON). */
  | 'invalid-payer'
  /** The sender's reserve does not carry a ticket of the wanted value (500 on a challenge and on a payment). */
  | 'insufficient-reserve'
  /** The sender's deposit and reserve are being unlocked (400). */
  | 'sender-unlocking'
  /** The chain has not been readable for longer than the configured time (503). */
  | 'chain-unreachable'
  /** Too many unknown payers ask for challenges at once (503). Try again in a few seconds. */
  | 'chain-busy'
  /** The recipient is not active on chain in this round (400). */
  | 'recipient-inactive'
  /** The payment header is not a payment (402). */
  | 'malformed-payment'
  /** The segment header is not a segment (403). */
  | 'malformed-segment'
  /** The segment header is not signed by the payment's sender (403). */
  | 'segment-signature'
  /** Capabilities asked for are not offered (403). */
  | 'incompatible-capabilities'
  /** Auth token missing, not ours, or too old (403). */
  | 'auth-token'
  /** Manifest id and auth token, or manifest id and session, differ (403). */
  | 'manifest-mismatch'
  /** Expected price absent, zero units, or never offered for this runner (400). */
  | 'price-mismatch'
  /** The payment names tickets and no sender, or lacks what tickets need (400). */
  | 'incomplete-payment'
  /** A ticket was refused; the text is the reference node's (400). */
  | 'ticket'
  /** A fixed price is not covered by the credit (400). */
  | 'insufficient-balance'
  /** The manifest already had its session (409). */
  | 'manifest-closed'
  /** `/refresh-payment` for a session that never paid (409, JSON). */
  | 'unknown-session'
  /** The request body is not what the endpoint takes (400, JSON). */
  | 'invalid-request'
  /** The ledger could not be written; nothing of the request was kept (500). */
  | 'ledger-failed'
  /** Payments are not taken: the orchestrator runs off-chain (404). */
  | 'offchain';

/** A request that carries, asks for, or spends money was refused; `status` and `text` go on the wire as they are. */
export class PaymentRefusal extends Error {
  override readonly name = 'PaymentRefusal';
  readonly code: PaymentRefusalCode;
  /** HTTP status. */
  readonly status: 400 | 402 | 403 | 404 | 409 | 500 | 503;
  /** Text of the reference node where it has one (live-runner.md sections 7 to 9). */
  readonly text: string;
  /** `json` for the endpoints that answer errors as `{"error":{"message":…}}` (live-runner.md section 1). */
  readonly form: 'text' | 'json';

  constructor(
    code: PaymentRefusalCode,
    status: PaymentRefusal['status'],
    text: string,
    options: { form?: 'text' | 'json'; cause?: unknown } = {},
  ) {
    super(text, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.status = status;
    this.text = text;
    this.form = options.form ?? 'text';
  }

  /** The answer on the wire: text and a newline, or the JSON envelope, whose message is masked for 500 and 503. */
  reply(): DeskReply {
    if (this.form === 'text') {
      return { status: this.status, contentType: 'text/plain; charset=utf-8', body: `${this.text}\n` };
    }
    const message =
      this.status === 500
        ? 'Internal Server Error'
        : this.status === 503
          ? 'Service Unavailable Error'
          : this.text;
    return {
      status: this.status,
      contentType: 'application/json',
      body: `${JSON.stringify({ error: { message } })}\n`,
    };
  }
}
