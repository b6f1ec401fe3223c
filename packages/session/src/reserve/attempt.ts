import type { RunnerOffer } from '@lp/discovery';
import { HEADERS, type PaymentChallenge } from '@lp/protocol';
import { type HttpResponse, TransportError } from '@lp/runtime';
import { probe } from '../drive/perform.ts';
import type { MintedPayment } from '../signer/answer.ts';
import type { OpenContext } from './context.ts';
import { deriveUrls, probeUrlOf } from './urls.ts';

/** Silence after which the session is asked for. */
const ASK_MS = 6_000;

/** One paid reservation: an HTTP answer, or why there is none. */
export async function attemptReservation(
  host: RunnerOffer,
  { challenge, minted }: { readonly challenge: PaymentChallenge; readonly minted: MintedPayment },
  watched: boolean,
  context: OpenContext,
): Promise<HttpResponse | { readonly sent: boolean; readonly message: string }> {
  const waiting = new AbortController();
  const signal = AbortSignal.any([context.signal, waiting.signal]);
  const probeUrl = probeUrlOf(challenge, deriveUrls(challenge, host.url), false);
  try {
    const request = context.transport.request({
      method: 'POST',
      url: host.url,
      headers: {
        accept: 'application/json',
        'content-type': 'application/json',
        ...(context.signer === undefined ? {} : { [HEADERS.payerAddress]: context.signer.address }),
        [HEADERS.payment]: minted.payment,
        [HEADERS.segment]: minted.segment,
      },
      body: '{}',
      timeoutMs: context.reserveTimeoutMs,
      signal,
    });
    if (!watched) return await request;
    // The request is aborted once the race is decided: its failure is of no interest then.
    request.catch(() => {});
    return await Promise.race([request, sessionExists(probeUrl, signal, context)]);
  } catch (cause) {
    context.signal.throwIfAborted();
    if (!(cause instanceof TransportError)) throw cause;
    return { sent: cause.sent, message: cause.message };
  } finally {
    waiting.abort();
  }
}

/**
 * A reservation may wait for a cold start, and it may have been answered long ago with the answer lost. While nothing
 * comes, the session itself is asked for: once it exists it is being metered, and has to be paid. Reads as the 409
 * that a resend would get.
 */
async function sessionExists(
  probeUrl: string,
  signal: AbortSignal,
  { clock, transport, requestTimeoutMs }: OpenContext,
): Promise<HttpResponse> {
  const gone = (): Promise<HttpResponse> => new Promise(() => {});
  for (;;) {
    // Rejected by the end of the race only.
    const over = await clock.sleep(ASK_MS, signal).then(
      () => false,
      () => true,
    );
    if (over) return gone();
    const answer = await probe(requestTimeoutMs, { transport, probeUrl, signal });
    if (signal.aborted) return gone();
    if (answer.kind === 'alive') {
      return { status: 409, headers: {}, body: new TextEncoder().encode('session already exists') };
    }
  }
}
