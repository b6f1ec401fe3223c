/**
 * Exact money: ratios, prices, fees, meters and ceilings. Pure; every rounding names its direction.
 *
 * @module
 */

// Exact numbers

export { ceilDiv, floorDiv } from './integer.ts';
export {
  addRatio,
  ceilRatio,
  compareRatio,
  divRatio,
  floorRatio,
  mulRatio,
  type Ratio,
  RatioError,
  type RatioErrorCode,
  ratio,
  subRatio,
} from './ratio.ts';
export { formatRatio, MAX_RATIO_EXPONENT, MAX_RATIO_TEXT, parseRatio } from './ratio-text.ts';

// Prices

export { adjustForTxCost, fixedToPrice, priceToFixed } from './adjustment.ts';
export { weiPerUsdFromFeed } from './feed.ts';
export {
  PIXELS_PER_SECOND_720P,
  type Price,
  PriceError,
  type PriceErrorCode,
  type PriceUnit,
  priceFromUsd,
  priceOfWire,
  toPublishedPrice,
  toWirePrice,
  type WirePrice,
} from './price.ts';

// Fees and meters

export { fee } from './fee.ts';
export { type MeterState, meter } from './meter.ts';

// Ceilings

export {
  type CeilingSource,
  checkCeiling,
  comparePrice,
  isPriceWithinDouble,
  lowestCeiling,
  PriceAboveCeilingError,
} from './ceiling.ts';

// Text for people

export { formatEth, formatPrice, formatUsd, roundedDecimal, usdFromWei } from './format.ts';
