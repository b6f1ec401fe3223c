import type { NetPriceInfo } from './net-messages.ts';
import type { PriceInfo } from './types.ts';

/** Domain value of `net.PriceInfo`; the price is kept as sent, not reduced. */
export function readPriceInfo(message: NetPriceInfo): PriceInfo {
  return {
    pricePerUnit: message.pricePerUnit,
    pixelsPerUnit: message.pixelsPerUnit,
    ...(message.capability !== 0 && { capability: message.capability }),
    ...(message.constraint !== '' && { constraint: message.constraint }),
  };
}

/** Message of a domain value. */
export function writePriceInfo(price: PriceInfo): NetPriceInfo {
  return {
    pricePerUnit: price.pricePerUnit,
    pixelsPerUnit: price.pixelsPerUnit,
    capability: price.capability ?? 0,
    constraint: price.constraint ?? '',
  };
}
