import { compareRatio, parseRatio, type Ratio, roundedDecimal } from '@lp/pricing';
import { SignerRefusal } from './refusal.ts';
import { isPaymentType, PAYMENT_RULES, type PaymentType } from './units.ts';

/** A limit on the orchestrator's price and who set it. */
export interface PriceCeiling {
  /** Named in the refusal, for example `configured maximum price`. */
  readonly source: string;
  /** Wei per unit of the payment type. */
  readonly price: Ratio;
  /** Payment types it binds; absent for all. */
  readonly types?: readonly PaymentType[];
}

/** A caller's ceiling as text, not yet checked (remote-signer.md section 1.3). */
export interface MaxPrice {
  /** Decimal text, verbatim. */
  readonly price: string;
  readonly currency: string;
  readonly unit: string;
}

/**
 * The exact ratio of a request's `maxPrice` (remote-signer.md section 2, step 15).
 *
 * @throws SignerRefusal 400 `invalid-max-price`.
 */
export function parseMaxPrice(maxPrice: MaxPrice, type: string): Ratio {
  const price = positiveDecimal(maxPrice.price);
  if (price === undefined) throw invalidMaxPrice('maxPrice.price must be a positive decimal');
  if (normal(maxPrice.currency) !== 'wei') throw invalidMaxPrice('maxPrice.currency must be wei');
  const unit = isPaymentType(type) ? PAYMENT_RULES[type].priceUnit : undefined;
  if (unit === undefined) throw invalidMaxPrice('maxPrice requires payment type live, lv2v, or fixed');
  if (normal(maxPrice.unit) !== unit) {
    throw invalidMaxPrice(`maxPrice.unit must be ${unit} for payment type ${type}`);
  }
  return price;
}

/**
 * Passes when `price` is at or below every ceiling that binds `type`.
 *
 * @throws SignerRefusal 481 `price-above-ceiling`, naming the lowest ceiling.
 */
export function checkCeilings(price: Ratio, type: PaymentType, ceilings: readonly PriceCeiling[]): void {
  let lowest: PriceCeiling | undefined;
  for (const ceiling of ceilings) {
    if (ceiling.types !== undefined && !ceiling.types.includes(type)) continue;
    if (lowest === undefined || compareRatio(ceiling.price, lowest.price) < 0) lowest = ceiling;
  }
  if (lowest === undefined || compareRatio(price, lowest.price) <= 0) return;
  const [shown, limit] = [roundedDecimal(price, 3), roundedDecimal(lowest.price, 3)];
  throw new SignerRefusal(
    481,
    'price-above-ceiling',
    `orchestrator price ${shown} exceeds ${lowest.source} ceiling ${limit}`,
  );
}

function positiveDecimal(text: string): Ratio | undefined {
  if (text.includes('/')) return undefined;
  try {
    const value = parseRatio(text);
    return value.n > 0n ? value : undefined;
  } catch {
    return undefined;
  }
}

function normal(text: string): string {
  return text.trim().toLowerCase();
}

function invalidMaxPrice(message: string): SignerRefusal {
  return new SignerRefusal(400, 'invalid-max-price', message);
}
