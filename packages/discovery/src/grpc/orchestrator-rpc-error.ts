import type { TransportErrorCode } from '@lp/runtime';

/** Why an orchestrator gave no `OrchestratorInfo`. */
export type OrchestratorRpcErrorCode =
  | TransportErrorCode
  | 'invalid-address'
  /** Nothing there speaks gRPC, or it has no `GetOrchestrator`. */
  | 'unimplemented'
  /** An HTTP status that says nothing of gRPC, such as a proxy's; `status` has it. */
  | 'http-status'
  /** The orchestrator answered with an error: `status` is gRPC's number of it. */
  | 'refused'
  | 'malformed';

/**
 * An orchestrator did not answer `GetOrchestrator`. `unimplemented` will stay so; the others may pass, except that `tls`
 * with a `CertificateChangedError` behind it and `forbidden-address` ask for a person.
 */
export class OrchestratorRpcError extends Error {
  override readonly name = 'OrchestratorRpcError';
  readonly code: OrchestratorRpcErrorCode;
  /** Origin of the orchestrator; empty when the address was none. */
  readonly url: string;
  /** Of HTTP for `http-status`, of gRPC for `refused`. */
  readonly status?: number;

  constructor(
    code: OrchestratorRpcErrorCode,
    message: string,
    options: { readonly url: string; readonly status?: number; readonly cause?: unknown },
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.url = options.url;
    if (options.status !== undefined) this.status = options.status;
  }
}
