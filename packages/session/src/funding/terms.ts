import { evQuanta, MAX_WIN_PROB } from '@lp/pm';
import { comparePrice, type Price, type PriceUnit, priceOfWire } from '@lp/pricing';
import {
  decodeBase64,
  decodeOrchestratorInfo,
  encodeBase64,
  encodeOrchestratorInfo,
  type Hex,
  type OrchestratorInfo,
} from '@lp/protocol';

/** Ticket terms as the orchestrator issued them: what a signer needs for the next payment. */
export interface Terms {
  /** Base64 `OrchestratorInfo`, passed to the signer as it is. */
  readonly paymentParams: string;
  readonly recipientRandHash: Hex;
  /** Expected value of one ticket, in quanta of 1 / (2^256 - 1) wei. */
  readonly evQuanta: bigint;
  readonly price: Price;
  /** Session that the auth token names. */
  readonly sessionId: string;
  /** Unix seconds. */
  readonly tokenExpiration: bigint;
}

/** The orchestrator's terms cannot be paid. The message says what is missing. */
export class TermsError extends Error {
  override readonly name = 'TermsError';
  readonly code = 'unusable-terms';
}

/**
 * Reads terms from an `OrchestratorInfo`; the unit comes from discovery, since the wire does not carry it
 * (live-runner.md section 8.1).
 *
 * @throws TermsError
 */
export function termsOf(info: OrchestratorInfo, paymentParams: string, unit: PriceUnit): Terms {
  const { ticketParams, priceInfo, authToken } = info;
  if (ticketParams === undefined) throw new TermsError('the offer has no ticket params');
  if (authToken === undefined) throw new TermsError('the offer has no auth token');
  if (priceInfo === undefined) throw new TermsError('the offer has no price');
  if (priceInfo.pricePerUnit <= 0n || priceInfo.pixelsPerUnit <= 0n) {
    throw new TermsError('the offered price is not above 0');
  }
  const { faceValue, winProb } = ticketParams;
  if (faceValue <= 0n || winProb <= 0n) throw new TermsError('the offered tickets are worth nothing');
  if (winProb > MAX_WIN_PROB) throw new TermsError('the offered win probability is above 1');
  return {
    paymentParams,
    recipientRandHash: ticketParams.recipientRandHash,
    evQuanta: evQuanta(faceValue, winProb),
    price: priceOfWire(priceInfo, unit),
    sessionId: authToken.sessionId,
    tokenExpiration: authToken.expiration,
  };
}

/** Seconds before its expiry from which a token is not used: the signer's own 180, and as much as clocks differ. */
const TOKEN_MARGIN_SECONDS = 240n;

/**
 * New ticket params under the session's own token while that lives: a signer may insist that token and manifest name
 * the same session. Once the token is old, the new one is taken (payments.md section 3.4: any valid one will do).
 */
export function underOwnToken(fresh: Terms, own: Terms, nowSeconds: bigint): Terms {
  if (fresh.sessionId === own.sessionId) return fresh;
  if (nowSeconds > own.tokenExpiration - TOKEN_MARGIN_SECONDS) return fresh;
  const { authToken } = decodeOrchestratorInfo(decodeBase64(own.paymentParams));
  if (authToken === undefined) return fresh;
  const info = decodeOrchestratorInfo(decodeBase64(fresh.paymentParams));
  return {
    ...fresh,
    paymentParams: encodeBase64(encodeOrchestratorInfo({ ...info, authToken })),
    sessionId: own.sessionId,
    tokenExpiration: own.tokenExpiration,
  };
}

/** Equal as ratios: the wire reduces prices (live-runner.md section 9). */
export const samePrice = (a: Price, b: Price): boolean => comparePrice(a, b) === 0;
