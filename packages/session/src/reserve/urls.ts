import { AddressError, parseAddress } from '@lp/discovery';
import { decodeWith, type PaymentChallenge, parseJson, sessionReply, WireError } from '@lp/protocol';

/** Where a session is reached. */
export interface SessionUrls {
  readonly sessionId: string;
  readonly appUrl: string;
  readonly controlUrl: string;
}

const trimSlash = (url: string): string => url.replace(/\/+$/, '');

/** An absolute http(s) URL of a peer, without trailing slash. @throws AddressError */
export const peerUrl = (text: string): string => {
  if (!/^https?:\/\//i.test(text)) throw new AddressError('the address must be http or https');
  parseAddress(text);
  return trimSlash(text);
};

/** The reservation's reply (live-runner.md section 7). @returns undefined when it cannot be used */
export function readSessionReply(body: Uint8Array): SessionUrls | undefined {
  try {
    const reply = decodeWith(sessionReply, parseJson(body));
    return {
      sessionId: reply.session_id,
      appUrl: peerUrl(reply.app_url),
      controlUrl: peerUrl(reply.control_url),
    };
  } catch (error) {
    if (error instanceof WireError || error instanceof AddressError) return undefined;
    throw error;
  }
}

/**
 * The URLs of a session whose reply was lost: `control_url` is the payment URL without `/payment`
 * (live-runner.md section 7). Right for every runner without its own proxy URL.
 */
export function deriveUrls(challenge: PaymentChallenge, runnerUrl: string): SessionUrls {
  const { manifestId, paymentUrl } = challenge;
  const scoped = paymentUrl !== undefined && paymentUrl.includes(`/${manifestId}/`);
  const controlUrl = scoped
    ? trimSlash(paymentUrl).replace(/\/payment$/, '')
    : `${trimSlash(runnerUrl.split('?', 1)[0] ?? runnerUrl)}/${encodeURIComponent(manifestId)}`;
  return { sessionId: manifestId, appUrl: `${controlUrl}/app`, controlUrl };
}

/** Where follow-up payments go; without `payment_url` to the generic endpoint (funding.md rule 6). */
export function paymentUrlOf(challenge: PaymentChallenge, urls: SessionUrls, sibling: boolean): string {
  // A sibling runner has its own route: the challenge names the one that was asked.
  if (sibling) return `${urls.controlUrl}/payment`;
  if (challenge.paymentUrl !== undefined) return challenge.paymentUrl;
  return challenge.orchestrator === undefined
    ? `${urls.controlUrl}/payment`
    : `${trimSlash(challenge.orchestrator)}/payment`;
}

/** Where probes go: always to the session itself. */
export const probeUrlOf = (challenge: PaymentChallenge, urls: SessionUrls, sibling: boolean): string =>
  !sibling && challenge.paymentUrl !== undefined && challenge.paymentUrl.includes(`/${challenge.manifestId}/`)
    ? challenge.paymentUrl
    : `${urls.controlUrl}/payment`;
