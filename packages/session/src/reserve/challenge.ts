import { AddressError, type RunnerOffer } from '@lp/discovery';
import { comparePrice, formatPrice, type Price, type PriceUnit } from '@lp/pricing';
import { challengeInfo, HEADERS, type PaymentChallenge, parseChallenge, WireError } from '@lp/protocol';
import { type HttpResponse, TransportError } from '@lp/runtime';
import { type Terms, TermsError, termsOf } from '../funding/terms.ts';
import { answerText } from '../http-text.ts';
import { MAX_TOLD_DEBIT_MS } from '../options.ts';
import type { OpenContext } from './context.ts';
import { RunnerRefused } from './refused.ts';
import { peerUrl, readSessionReply, type SessionUrls } from './urls.ts';

/** What an unpaid reservation brought. */
export type Challenged =
  | { readonly kind: 'free'; readonly urls: SessionUrls; readonly sentNs: bigint }
  | { readonly kind: 'challenge'; readonly challenge: PaymentChallenge; readonly terms: Terms };

const ATTEMPTS = 2;
const RETRY_MS = 300;
/** Headroom over a published price for the hourly exchange rate: 1.2 % (client.md section 7). */
const HEADROOM = { n: 253n, d: 250n };

/**
 * Reserves without paying: a free runner is reserved by that, any other answers 402 with its terms
 * (live-runner.md sections 7 and 8.1).
 *
 * @throws RunnerRefused
 */
export async function askChallenge(runner: RunnerOffer, context: OpenContext): Promise<Challenged> {
  const sentNs = context.clock.monotonicNs();
  const response = await reserveCall(runner, context);
  if (response.status >= 200 && response.status < 300) {
    const urls = readSessionReply(response.body);
    if (urls === undefined)
      throw new RunnerRefused('challenge', 'malformed', 'gave an unusable session reply');
    return { kind: 'free', urls, sentNs };
  }
  if (response.status !== 402) {
    const { message } = answerText(response);
    throw new RunnerRefused('challenge', 'http-status', `answered ${response.status} ${message}`.trim(), {
      status: response.status,
    });
  }
  if (context.signer === undefined) {
    throw new RunnerRefused('challenge', 'signer-refused', 'wants to be paid, and no signer was given');
  }
  return readChallenge(response, runner, context);
}

async function reserveCall(runner: RunnerOffer, context: OpenContext): Promise<HttpResponse> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await reserveOnce(runner, context);
    } catch (cause) {
      context.signal.throwIfAborted();
      if (!(cause instanceof TransportError)) throw cause;
      // A free runner may have reserved: asking it again would reserve twice.
      const harmless = !cause.sent || runner.price !== undefined;
      if (attempt >= ATTEMPTS || !harmless) {
        throw new RunnerRefused('challenge', 'unreachable', cause.message, { cause });
      }
      await context.clock.sleep(RETRY_MS, context.signal);
    }
  }
}

function reserveOnce(runner: RunnerOffer, context: OpenContext): Promise<HttpResponse> {
  return context.transport.request({
    method: 'POST',
    url: runner.url,
    headers: {
      accept: 'application/json',
      'content-type': 'application/json',
      ...(context.signer === undefined ? {} : { [HEADERS.payerAddress]: context.signer.address }),
    },
    body: '{}',
    timeoutMs: context.requestTimeoutMs,
    signal: context.signal,
  });
}

function readChallenge(response: HttpResponse, runner: RunnerOffer, context: OpenContext): Challenged {
  const unit: PriceUnit = runner.price?.unit ?? context.unit ?? context.maxPrice?.unit ?? 'seconds';
  try {
    const challenge = parseChallenge(response.body);
    const info = challengeInfo(challenge);
    const terms = termsOf(info, challenge.paymentParams, unit);
    if (terms.sessionId !== challenge.manifestId) {
      throw new TermsError('the challenge names one session and its token another');
    }
    if (challenge.paymentIntervalMs !== undefined && challenge.paymentIntervalMs > MAX_TOLD_DEBIT_MS) {
      throw new TermsError(
        `it debits every ${challenge.paymentIntervalMs} ms: nobody is paid further ahead than ${MAX_TOLD_DEBIT_MS} ms`,
      );
    }
    if (challenge.paymentUrl !== undefined) peerUrl(challenge.paymentUrl);
    if (challenge.orchestrator !== undefined) peerUrl(challenge.orchestrator);
    checkPrice(terms.price, runner, context);
    return { kind: 'challenge', challenge, terms };
  } catch (cause) {
    if (cause instanceof TermsError) {
      throw new RunnerRefused('challenge', 'unusable-terms', cause.message, { status: 402, cause });
    }
    if (cause instanceof WireError || cause instanceof AddressError) {
      const { message } = answerText(response);
      throw new RunnerRefused(
        'challenge',
        'malformed',
        `402 without usable challenge: ${message.slice(0, 200)}`,
        {
          status: 402,
          cause,
        },
      );
    }
    throw cause;
  }
}

/** The highest price for this runner: the caller's, else the published one and 1.2 %; undefined for any. */
export function ceilingFor(runner: RunnerOffer, maxPrice: Price | undefined): Price | undefined {
  if (maxPrice !== undefined) return maxPrice;
  if (runner.price === undefined) return undefined;
  const { wei, per, unit } = runner.price;
  return { wei: wei * HEADROOM.n, per: per * HEADROOM.d, unit };
}

/** The client checks the price itself, as a ratio: with explicit units a signer takes no `maxPrice`. */
function checkPrice(price: Price, runner: RunnerOffer, context: OpenContext): void {
  const ceiling = ceilingFor(runner, context.maxPrice);
  if (ceiling === undefined) return;
  if (ceiling.unit !== price.unit) {
    throw new RunnerRefused(
      'challenge',
      'price-refused',
      `is priced per '${price.unit}', the ceiling per '${ceiling.unit}'`,
    );
  }
  if (comparePrice(price, ceiling) > 0) {
    throw new RunnerRefused(
      'challenge',
      'price-refused',
      `asks ${formatPrice(price)}, above the ceiling of ${formatPrice(ceiling)}`,
    );
  }
}
