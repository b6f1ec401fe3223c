import { hash } from 'node:crypto';
import type { LivePaymentRequest, Offer, OpenedPayment } from '@lp/pm/sender';
import { encodeCapabilities } from '@lp/protocol';

const NONE = new Uint8Array();

/**
 * SHA-256 of everything in a request that its answer depends on: two requests with one digest are the same request,
 * whatever their spelling. Go gateways encode an offer anew for every call, with the maps in it in another order. A request
 * field that changes answers has to be added here.
 *
 * @throws WireError `too-large`.
 */
export function requestDigest(request: LivePaymentRequest, opened: OpenedPayment): Uint8Array {
  const { app, inPixels, type, maxPrice, funding, state } = request;
  const { offer, manifestId, capabilities } = opened;
  const parts = [
    offer.authToken?.token ?? NONE,
    capabilities === undefined ? NONE : encodeCapabilities(capabilities),
    state?.state ?? NONE,
  ];
  // other types count their own units
  const units = type === '' ? String(inPixels) : '';
  const price = maxPrice === undefined ? [] : [maxPrice.price, maxPrice.currency, maxPrice.unit];
  const { leadMs, exact, unit, atMostNs } = funding ?? {};
  const asked = funding === undefined ? [] : [`${leadMs}`, `${exact}`, `${unit}`, `${atMostNs}`];
  // empty ones are written into the answer, absent ones are not
  const hasCapabilities = capabilities !== undefined;
  const words = [manifestId, app, units, type, price, asked, offerWords(offer), hasCapabilities];
  // the lengths keep one part from running into the next
  const head = JSON.stringify([parts.map(({ length }) => length), words]);
  return hash('sha256', Buffer.concat([Buffer.from(head), ...parts]), 'buffer');
}

/** What of an offer is signed, echoed or billed; its token apart. */
function offerWords({ orchestratorAddress, priceInfo, ticketParams, authToken }: Offer): readonly string[] {
  const { expirationParams } = ticketParams;
  return [
    orchestratorAddress,
    ticketParams.recipient,
    ticketParams.recipientRandHash,
    expirationParams?.creationRoundBlockHash ?? '',
    authToken?.sessionId ?? '',
    priceInfo.constraint ?? '',
    ...[
      priceInfo.pricePerUnit,
      priceInfo.pixelsPerUnit,
      priceInfo.capability ?? 0,
      ticketParams.faceValue,
      ticketParams.winProb,
      ticketParams.seed,
      ticketParams.expirationBlock,
      expirationParams?.creationRound ?? 0n,
      authToken?.expiration ?? 0n,
    ].map(String),
  ];
}

/** Key of an opening: the same identity opens a session under one manifest id and one set of ticket params once. */
export function openingKey(identity: string, { manifestId, pmSessionId }: OpenedPayment): Uint8Array {
  return hash('sha256', JSON.stringify([identity, manifestId, pmSessionId]), 'buffer');
}
