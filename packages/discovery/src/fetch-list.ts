import { WireError } from '@lp/protocol';
import { type Clock, type Transport, TransportError } from '@lp/runtime';
import type { DiscoveryFailure, DiscoveryFailureCode } from './failure.ts';
import { MAX_LIST_BYTES, MAX_OWN_LIST_BYTES } from './limits.ts';
import { type ParsedList, parseRunnerList } from './parse-list.ts';
import type { ListRequest } from './sources.ts';

/** The answer of one source. */
export type FetchedList =
  | ({ readonly ok: true; readonly request: ListRequest } & ParsedList)
  | { readonly ok: false; readonly failure: DiscoveryFailure };

/** Asks one source and reads its list. Every failure comes back as a value, except the caller's own abort. */
export async function fetchRunnerList(
  request: ListRequest,
  options: {
    readonly transport: Transport;
    readonly clock: Clock;
    readonly timeoutMs: number;
    readonly signal?: AbortSignal;
  },
): Promise<FetchedList> {
  const { transport, clock, timeoutMs, signal } = options;
  const failed = (
    code: DiscoveryFailureCode,
    message: string,
    extra: { status?: number; cause?: unknown } = {},
  ): FetchedList => ({
    ok: false,
    failure: { kind: request.kind, url: request.url.split('?', 1)[0] ?? '', code, message, ...extra },
  });
  try {
    const response = await transport.request({
      method: 'GET',
      url: request.url,
      headers: { accept: 'application/json', ...request.headers },
      timeoutMs,
      maxBodyBytes: request.kind === 'orchestrator' ? MAX_OWN_LIST_BYTES : MAX_LIST_BYTES,
      ...(signal === undefined ? {} : { signal }),
    });
    if (response.status < 200 || response.status > 299) {
      return failed('http-status', `answered ${response.status}`, { status: response.status });
    }
    return { ok: true, request, ...parseRunnerList(response.body, clock.wallMs()) };
  } catch (error) {
    signal?.throwIfAborted();
    if (error instanceof TransportError) return failed(error.code, error.message, { cause: error });
    if (error instanceof WireError) {
      return failed(error.code === 'too-large' ? 'too-large' : 'malformed', error.message, { cause: error });
    }
    throw error;
  }
}
