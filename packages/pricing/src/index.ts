// Exact numbers

export { adjustForTxCost, fixedToPrice, priceToFixed } from './adjustment.ts';
// Ceilings
export type { CeilingSource } from './ceiling.ts';
export {
  checkCeiling,
  comparePrice,
  isPriceWithinDouble,
  lowestCeiling,
  PriceAboveCeilingError,
} from './ceiling.ts';
// Fees and meters
export { fee } from './fee.ts';
export { weiPerUsdFromFeed } from './feed.ts';
// Text for people
export { formatEth, formatPrice, formatUsd, roundedDecimal, usdFromWei } from './format.ts';
export { ceilDiv, floorDiv } from './integer.ts';
export type { MeterState } from './meter.ts';
export { meter } from './meter.ts';
// Prices
export type { Price, PriceErrorCode, PriceUnit, WirePrice } from './price.ts';
export {
  PIXELS_PER_SECOND_720P,
  PriceError,
  priceFromUsd,
  priceOfWire,
  toPublishedPrice,
  toWirePrice,
} from './price.ts';
export type { Ratio, RatioErrorCode } from './ratio.ts';
export {
  addRatio,
  ceilRatio,
  compareRatio,
  divRatio,
  floorRatio,
  mulRatio,
  RatioError,
  ratio,
  subRatio,
} from './ratio.ts';
export { formatRatio, MAX_RATIO_EXPONENT, MAX_RATIO_TEXT, parseRatio } from './ratio-text.ts';
