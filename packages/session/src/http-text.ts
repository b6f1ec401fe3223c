import { decodeWith, errorEnvelope, type FundingReport, parseJson } from '@lp/protocol';
import type { HttpResponse } from '@lp/runtime';

/** Longest text of a peer that goes into a message (client.md section 1.4). */
const MAX_TEXT = 2000;

/** What a peer says about a refusal. */
export interface AnswerText {
  readonly message: string;
  readonly code?: string;
  /** Of a signer of ours. */
  readonly funding?: FundingReport;
}

/** The peer's own words: `error.message` of a JSON body, else the body, cut at 2,000 characters (client.md section 15). */
export function answerText(response: HttpResponse): AnswerText {
  const body = new TextDecoder().decode(response.body).trim();
  if (body.startsWith('{')) {
    try {
      const { error } = decodeWith(errorEnvelope, parseJson(body));
      const message = error.message.slice(0, MAX_TEXT);
      const { code, lpFunding } = error;
      return {
        message,
        ...(code === undefined ? {} : { code: code.slice(0, 100) }),
        ...(lpFunding === undefined ? {} : { funding: lpFunding }),
      };
    } catch {
      // Not an error envelope: the body itself is the message.
    }
  }
  return { message: body.slice(0, MAX_TEXT) };
}

const MS_PER_SECOND = 1000;
const MAX_RETRY_AFTER_MS = 10_000;

/** `Retry-After` in milliseconds where it is a number of seconds, at most ten seconds; else `fallbackMs`. */
export function retryAfterMs(response: HttpResponse, fallbackMs: number): number {
  const text = response.headers['retry-after'];
  if (text === undefined || !/^\d{1,6}$/.test(text)) return fallbackMs;
  return Math.min(MAX_RETRY_AFTER_MS, Math.max(fallbackMs, Number(text) * MS_PER_SECOND));
}
