import type { CheckedHeaders } from '@lp/pm/recipient';
import {
  type AuthTokenIssuer,
  HeaderRefusal,
  type HeaderRefusalCode,
  inspectPayment,
} from '@lp/pm/recipient';
import type { Clock } from '@lp/runtime';
import type { InspectedPayment, OfferedPrice, PaymentHeaders, PaymentPurpose } from './desk.ts';
import { type QuoteBook, samePrice } from './quotes.ts';
import { PaymentRefusal, type PaymentRefusalCode } from './refusal.ts';

/** Longest manifest id that is taken; ours have 32 characters. */
const MAX_MANIFEST_LENGTH = 128;

const CODES: Readonly<Record<HeaderRefusalCode, PaymentRefusalCode>> = {
  'malformed-payment': 'malformed-payment',
  'malformed-segment': 'malformed-segment',
  'invalid-duration': 'malformed-segment',
  'segment-signature': 'segment-signature',
  'incompatible-capabilities': 'incompatible-capabilities',
  'auth-token': 'auth-token',
};

/**
 * Checks payment headers for a purpose: steps 7 to 10 of live-runner.md section 7, steps 3 and 4 of section 9. Consumes
 * nothing.
 *
 * @throws PaymentRefusal
 */
export function inspectHeaders(
  headers: PaymentHeaders,
  purpose: PaymentPurpose,
  deps: { readonly tokens: AuthTokenIssuer; readonly quotes: QuoteBook; readonly clock: Clock },
): InspectedPayment {
  const now = BigInt(Math.floor(deps.clock.wallMs() / 1000));
  const checked = checkHeaders(headers, deps.tokens, now);
  const { manifestId, authToken } = checked.segment;
  if (manifestId === '' || manifestId.length > MAX_MANIFEST_LENGTH) throw mismatch('invalid manifest id');
  switch (purpose.kind) {
    case 'reservation':
      if (authToken?.sessionId !== manifestId) throw mismatch('mismatched manifest and auth token');
      checkPrice(checked, manifestId, purpose.offered, deps.quotes, now);
      break;
    case 'follow-up':
      if (manifestId !== purpose.sessionId) throw mismatch('mismatched session and payment manifest');
      break;
    case 'legacy':
      break;
  }
  return { ...checked, manifestId, purpose };
}

function checkHeaders(headers: PaymentHeaders, tokens: AuthTokenIssuer, now: bigint): CheckedHeaders {
  try {
    return inspectPayment(headers, { tokens, now });
  } catch (cause) {
    if (!(cause instanceof HeaderRefusal)) throw cause;
    throw new PaymentRefusal(CODES[cause.code], cause.status, cause.message, { cause });
  }
}

/** A fixed price must be the one of this moment; the price of time must have been offered for this runner. */
function checkPrice(
  { payment }: CheckedHeaders,
  manifestId: string,
  offered: OfferedPrice,
  quotes: QuoteBook,
  now: bigint,
): void {
  const price = payment.expectedPrice;
  const allowed =
    price !== undefined &&
    price.pixelsPerUnit > 0n &&
    (offered.unit === 'fixed'
      ? samePrice(price, offered.price)
      : quotes.allows(manifestId, price, offered, now));
  if (!allowed) {
    throw new PaymentRefusal('price-mismatch', 400, 'payment price does not match live runner price');
  }
}

const mismatch = (text: string): PaymentRefusal => new PaymentRefusal('manifest-mismatch', 403, text);
