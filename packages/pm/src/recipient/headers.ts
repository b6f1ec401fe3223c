import {
  type Capabilities,
  decodePaymentHeader,
  decodeSegmentHeader,
  type Hex,
  type Payment,
  type SegData,
  WireError,
} from '@lp/protocol';
import { bytesToHex, segmentMessage, verifyMessage } from '../index.ts';
import type { AuthTokenIssuer } from './auth-token.ts';

/** What a header is refused for. */
export type HeaderRefusalCode =
  | 'malformed-payment'
  | 'malformed-segment'
  | 'invalid-duration'
  | 'segment-signature'
  | 'incompatible-capabilities'
  | 'auth-token';

/** A payment header (402) or a segment header (403) was refused; the message is the reference node's text. */
export class HeaderRefusal extends Error {
  override readonly name = 'HeaderRefusal';
  readonly code: HeaderRefusalCode;
  readonly status: 402 | 403;

  constructor(code: HeaderRefusalCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
    this.status = code === 'malformed-payment' ? 402 : 403;
  }
}

/** What the header checks need to know. */
export interface HeaderChecks {
  readonly tokens: AuthTokenIssuer;
  /** Unix seconds. */
  readonly now: bigint;
  /** Whether capabilities that a segment asks for are offered here. Absent: all are. */
  readonly offers?: (wanted: Capabilities) => boolean;
}

/** Both headers, decoded; the segment is signed by the payment's sender and its token is ours and valid. */
export interface CheckedHeaders {
  readonly payment: Payment;
  readonly segment: SegData;
  readonly sender: Hex;
}

const MAX_DURATION_MS = 300_000;

/**
 * Checks `Livepeer-Payment` and `Livepeer-Segment` in upstream's order (payments.md section 3.2, live-runner.md
 * section 7, steps 7 and 8). Consumes nothing. A missing payment header is an empty payment, whose segment nobody
 * signed.
 *
 * @throws HeaderRefusal
 */
export function inspectPayment(
  headers: { readonly payment: string | undefined; readonly segment: string | undefined },
  checks: HeaderChecks,
): CheckedHeaders {
  const payment = decodePayment(headers.payment);
  const segment = decodeSegment(headers.segment);
  if (segment.durationMs < 0 || segment.durationMs > MAX_DURATION_MS) {
    throw new HeaderRefusal('invalid-duration', 'invalid duration');
  }
  const { sender } = payment;
  if (sender === undefined || !verifyMessage(sender, signedMessage(segment), segment.sig)) {
    throw new HeaderRefusal('segment-signature', 'ErrSegSig');
  }
  if (segment.capabilities !== undefined && checks.offers?.(segment.capabilities) === false) {
    throw new HeaderRefusal('incompatible-capabilities', 'incompatible capabilities');
  }
  const token = checks.tokens.verify(segment.authToken, checks.now);
  if (!token.ok) throw new HeaderRefusal('auth-token', token.reason);
  return { payment, segment, sender };
}

/** What the sender signed: manifest id, sequence, hash; no profiles in live payments (payments.md section 3.2). */
function signedMessage(segment: SegData): Uint8Array {
  const hash = new Uint8Array(32);
  hash.set(segment.hash.subarray(-32), 32 - Math.min(32, segment.hash.length));
  const sequence = segment.seq < 0n ? -segment.seq : segment.seq;
  return segmentMessage(segment.manifestId, { sequence, hash: bytesToHex(hash) });
}

function decodePayment(header: string | undefined): Payment {
  try {
    return decodePaymentHeader(header);
  } catch (cause) {
    if (!(cause instanceof WireError)) throw cause;
    const step = cause.code === 'malformed-base64' ? 'base64 decode error' : 'protobuf unmarshal error';
    throw new HeaderRefusal('malformed-payment', `${step}: ${cause.message}`, { cause });
  }
}

function decodeSegment(header: string | undefined): SegData {
  try {
    return decodeSegmentHeader(header);
  } catch (cause) {
    if (!(cause instanceof WireError)) throw cause;
    const text =
      cause.code === 'malformed-base64' ? 'ErrorSegEncoding' : `protobuf unmarshal error: ${cause.message}`;
    throw new HeaderRefusal('malformed-segment', text, { cause });
  }
}
