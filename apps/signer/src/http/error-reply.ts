import { SignerRefusal } from '@lp/pm/sender';
import { HEADERS, upstreamErrorBody, WireError } from '@lp/protocol';
import { DeadlineError } from '@lp/runtime';
import { asHttpError, type ErrorReply, HttpError } from '@lp/service';
import { ChainUnavailableError } from '../chain/chain-view.ts';
import { ExternalSignerError } from '../keys/external-signer.ts';
import { LedgerFailedError } from '../ledger/store.ts';
import { creditFields } from './credit-fields.ts';
import { notFoundReply } from './not-found.ts';

/** Texts that replace those of faults on our side: they are for the log (remote-signer.md section 1.1). */
const MASKED: Readonly<Record<number, string>> = {
  500: 'Internal Server Error',
  503: 'Service Unavailable Error',
};

/** Any error as upstream's envelope with our stable `code` added (remote-signer.md section 1.1). */
export function signerErrorReply(error: unknown, request: { readonly url: string }): ErrorReply {
  if (error instanceof HttpError && error.code === 'not-found') return notFoundReply(request.url);
  const { status, code, message, headers, fields } = describe(error);
  return {
    status,
    code,
    body: upstreamErrorBody(MASKED[status] ?? message, code, fields),
    contentType: 'application/json',
    ...(headers === undefined ? {} : { headers }),
  };
}

interface Described {
  readonly status: number;
  readonly code: string;
  readonly message: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Further members of the error object. */
  readonly fields?: Readonly<Record<string, unknown>>;
}

function describe(error: unknown): Described {
  if (error instanceof SignerRefusal) {
    const { status, code, message, orchestratorUrl, credit } = error;
    const headers = orchestratorUrl === undefined ? undefined : urlHeader(orchestratorUrl);
    return {
      status,
      code,
      message,
      ...(headers === undefined ? {} : { headers }),
      ...(credit === undefined ? {} : { fields: { lpFunding: creditFields(credit) } }),
    };
  }
  if (error instanceof WireError) return { status: 400, code: error.code, message: error.message };
  if (
    error instanceof ChainUnavailableError ||
    error instanceof ExternalSignerError ||
    error instanceof LedgerFailedError
  )
    return { status: 503, code: error.code, message: error.message };
  if (error instanceof DeadlineError) return { status: 503, code: 'timeout', message: error.message };
  return asHttpError(error);
}

/** The caller's own URL goes back only where it is a header value: no control characters, no other alphabets. */
function urlHeader(url: string): Readonly<Record<string, string>> | undefined {
  return /^[\x21-\x7e]{1,2048}$/.test(url) ? { [HEADERS.orchestratorUrl]: url } : undefined;
}
