import type { CreditReport } from './credit.ts';

/**
 * What the caller can do about a refusal, one code per decision (remote-signer.md section 1.5). The wire status
 * decides for Livepeer's own clients, the code for ours.
 */
export type RefusalCode =
  // 400: the request
  | 'missing-orchestrator'
  | 'malformed-orchestrator'
  | 'missing-price'
  | 'missing-ticket-params'
  | 'invalid-state-signature'
  | 'invalid-state'
  | 'orchestrator-mismatch'
  | 'app-mismatch'
  | 'type-mismatch'
  | 'invalid-app'
  | 'missing-manifest-id'
  | 'invalid-manifest-id'
  | 'malformed-capabilities'
  | 'invalid-funding'
  | 'missing-auth-token'
  | 'invalid-ticket-params'
  | 'ticket-value'
  | 'sender-funds'
  | 'invalid-type'
  | 'missing-units'
  | 'invalid-max-price'
  | 'too-many-tickets'
  // 480: get fresh ticket params and call again
  | 'refresh-session'
  // 481: choose another orchestrator or raise the ceiling
  | 'price-above-ceiling'
  // 482: nothing to pay now; call again later with the same state
  | 'no-tickets'
  | 'clock-behind'
  // 500: the batch is above the operator's limits
  | 'batch-refused';

/** HTTP status of a refusal. The text of a 500 is for the log: a caller gets a fixed one. */
export type RefusalStatus = 400 | 480 | 481 | 482 | 500;

/** The signer will not pay this call; nothing was signed and the caller's state stays valid. */
export class SignerRefusal extends Error {
  override readonly name = 'SignerRefusal';
  readonly status: RefusalStatus;
  readonly code: RefusalCode;
  /** Where fresh ticket params are: set on 480 (header `Livepeer-Orchestrator-URL`). As the caller sent it. */
  readonly orchestratorUrl: string | undefined;
  /** How the session stands: set on 482. */
  readonly credit: CreditReport | undefined;

  constructor(
    status: RefusalStatus,
    code: RefusalCode,
    message: string,
    options: { cause?: unknown; orchestratorUrl?: string; credit?: CreditReport } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.status = status;
    this.code = code;
    this.orchestratorUrl = options.orchestratorUrl;
    this.credit = options.credit;
  }
}
