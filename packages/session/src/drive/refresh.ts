import { AddressError, originUrl } from '@lp/discovery';
import { HEADERS, stringifyJson, WireError } from '@lp/protocol';
import { type HttpResponse, TransportError } from '@lp/runtime';
import type { RefreshAnswer } from '../funding/answers.ts';
import { type Terms, TermsError, underOwnToken } from '../funding/terms.ts';
import { answerText } from '../http-text.ts';
import { readSessionReply } from '../reserve/urls.ts';
import type { FundingPorts } from './ports.ts';
import { termsOfChallenge } from './read-answer.ts';
import { stopSession } from './stop.ts';

/**
 * Asks one source for fresh terms (funding.md rule 2): `/refresh-payment` for this session, or a new unpaid
 * reservation of the same runner. The session's own token is kept while it lives.
 */
export async function refreshTerms(
  source: 'refresh-payment' | 'challenge',
  own: Terms,
  ports: FundingPorts,
): Promise<RefreshAnswer> {
  try {
    const response = source === 'challenge' ? await askAgain(ports) : await askRefresh(ports);
    if (response.status === (source === 'challenge' ? 402 : 200)) {
      const fresh = termsOfChallenge(response.body, ports.unit);
      const nowSeconds = BigInt(Math.floor(ports.clock.wallMs() / 1000));
      return { kind: 'terms', terms: underOwnToken(fresh, own, nowSeconds) };
    }
    if (source === 'challenge' && response.status >= 200 && response.status < 300) {
      // Free by now: that was a reservation, which nobody wants.
      const urls = readSessionReply(response.body);
      if (urls !== undefined) await stopSession(urls.controlUrl, ports);
    }
    const message = `${source} answered ${response.status} ${answerText(response).message}`.slice(0, 500);
    return response.status >= 500 ? { kind: 'failed', message } : { kind: 'none', message };
  } catch (cause) {
    if (cause instanceof TransportError) return { kind: 'failed', message: cause.message, cause };
    if (cause instanceof WireError || cause instanceof TermsError || cause instanceof AddressError) {
      return { kind: 'none', message: `${source}: ${cause.message}` };
    }
    throw cause;
  }
}

function askRefresh(ports: FundingPorts): Promise<HttpResponse> {
  return ports.transport.request({
    method: 'POST',
    url: originUrl(ports.paymentUrl, '/refresh-payment'),
    headers: { accept: 'application/json', 'content-type': 'application/json' },
    body: stringifyJson({ sender: ports.payer, manifest_id: ports.manifestId }),
    timeoutMs: ports.requestTimeoutMs,
    signal: ports.signal,
  });
}

function askAgain(ports: FundingPorts): Promise<HttpResponse> {
  return ports.transport.request({
    method: 'POST',
    url: ports.runner.url,
    headers: {
      accept: 'application/json',
      'content-type': 'application/json',
      [HEADERS.payerAddress]: ports.payer,
    },
    body: '{}',
    timeoutMs: ports.requestTimeoutMs,
    signal: ports.signal,
  });
}
