import type { PriceUnit } from '@lp/pricing';
import {
  challengeInfo,
  decodePaymentResult,
  encodeBase64,
  encodeOrchestratorInfo,
  HEADERS,
  parseChallenge,
  WireError,
} from '@lp/protocol';
import { type HttpResponse, TransportError } from '@lp/runtime';
import type { DeliveryAnswer, ProbeAnswer } from '../funding/answers.ts';
import { type Terms, TermsError, termsOf } from '../funding/terms.ts';
import { answerText, retryAfterMs } from '../http-text.ts';

const NS_PER_MS = 1_000_000n;
const BUSY_MS = 1_000;

/** Terms from a body in either form: the protobuf `PaymentResult`, or a challenge as JSON (live-runner.md section 9). */
export function termsOfAnswer(response: HttpResponse, unit: PriceUnit): Terms | undefined {
  try {
    if (isJson(response)) return termsOfChallenge(response.body, unit);
    const { info } = decodePaymentResult(response.body);
    return info === undefined ? undefined : termsOf(info, encodeBase64(encodeOrchestratorInfo(info)), unit);
  } catch (error) {
    // The payment was accepted all the same: fresh terms can be had elsewhere.
    if (error instanceof WireError || error instanceof TermsError) return undefined;
    throw error;
  }
}

/** @throws WireError, TermsError */
export function termsOfChallenge(body: Uint8Array, unit: PriceUnit): Terms {
  const challenge = parseChallenge(body);
  return termsOf(challengeInfo(challenge), challenge.paymentParams, unit);
}

function isJson({ headers, body }: HttpResponse): boolean {
  const type = headers['content-type'] ?? '';
  return /[/+]json\b/.test(type) || (!type.includes('protobuf') && body[0] === 0x7b);
}

/** One row of the delivery table for an HTTP answer (funding.md rule 4). */
export function readDelivery(response: HttpResponse, unit: PriceUnit): DeliveryAnswer {
  const { status } = response;
  if (status >= 200 && status < 300) return { kind: 'accepted', terms: termsOfAnswer(response, unit) };
  const { message: text } = answerText(response);
  const message = text === '' ? `answered ${status}` : text;
  switch (status) {
    case 400:
      return readRefusal(message);
    case 402:
    case 403:
      return { kind: 'token', status, message };
    case 404:
      return { kind: 'gone', message };
    case 409:
      return { kind: 'fixed' };
    case 408:
    case 429:
    case 503:
      return { kind: 'busy', retryAfterNs: BigInt(retryAfterMs(response, BUSY_MS)) * NS_PER_MS };
    default:
      return status >= 500
        ? { kind: 'unknown', message: `answered ${status}`, connection: false }
        : { kind: 'refused', message };
  }
}

function readRefusal(message: string): DeliveryAnswer {
  if (/already seen/i.test(message)) {
    const nonce = /\bnonce=(\d{1,10})\b/.exec(message)?.[1];
    return { kind: 'seen', nonce: nonce === undefined ? undefined : Number(nonce), message };
  }
  return /TicketParams expired/i.test(message) ? { kind: 'expired' } : { kind: 'refused', message };
}

/** No HTTP answer to a payment. */
export function readDeliveryFailure(error: TransportError): DeliveryAnswer {
  return error.sent
    ? {
        kind: 'unknown',
        message: error.message,
        connection: true,
        timedOut: error.code === 'timeout',
        cause: error,
      }
    : { kind: 'not-sent', message: error.message, cause: error };
}

/** What an answer to a payment without headers says of the session (funding.md rule 6, live-runner.md section 14.1). */
export function readProbe(response: HttpResponse): ProbeAnswer {
  const { status } = response;
  const reason = response.headers[HEADERS.sessionEnded.toLowerCase()];
  if (status === 404) {
    const { message } = answerText(response);
    if (reason !== undefined) return { kind: 'ended', reason: reason.slice(0, 100) };
    if (/session not found/i.test(message)) return { kind: 'ended', reason: undefined };
    if (/runner not found/i.test(message)) return { kind: 'not-ready' };
    return { kind: 'unclear', message: `answered 404 ${message.slice(0, 200)}` };
  }
  if (status >= 500 || status === 429 || status === 408) {
    return { kind: 'unclear', message: `answered ${status}` };
  }
  // 403 and 409 in particular: the session was found, and then the missing headers were noticed.
  return { kind: 'alive' };
}

/** No HTTP answer to a probe. */
export const readProbeFailure = (error: TransportError): ProbeAnswer => ({
  kind: 'unreachable',
  message: error.message,
  cause: error,
});
