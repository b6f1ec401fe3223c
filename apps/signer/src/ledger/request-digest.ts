import { hash } from 'node:crypto';
import type { LivePaymentRequest, OpenedPayment } from '@lp/pm/sender';

/**
 * SHA-256 of everything in a request that its answer depends on: two requests with one digest are the same request,
 * whatever their spelling. A request field that changes answers has to be added here.
 */
export function requestDigest(request: LivePaymentRequest, { manifestId }: OpenedPayment): Uint8Array {
  const { orchestrator, capabilities, app, inPixels, type, maxPrice, funding, state } = request;
  const given = state?.state ?? new Uint8Array();
  const price = maxPrice === undefined ? [] : [maxPrice.price, maxPrice.currency, maxPrice.unit];
  const { leadMs, exact, unit, atMostNs } = funding ?? {};
  const asked = funding === undefined ? [] : [`${leadMs}`, `${exact}`, `${unit}`, `${atMostNs}`];
  const words = [manifestId, app, String(inPixels), type, price, asked];
  // the lengths keep one field from running into the next
  const head = JSON.stringify([orchestrator.length, capabilities.length, given.length, words]);
  return hash('sha256', Buffer.concat([Buffer.from(head), orchestrator, capabilities, given]), 'buffer');
}

/** Key of an opening: the same identity opens a session under one manifest id and one set of ticket params once. */
export function openingKey(identity: string, { manifestId, pmSessionId }: OpenedPayment): Uint8Array {
  return hash('sha256', JSON.stringify([identity, manifestId, pmSessionId]), 'buffer');
}
