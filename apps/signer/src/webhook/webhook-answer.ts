import type { MaxPrice } from '@lp/pm/sender';
import { decodeWith, foldKeys, int64, JsonDecimal, parseJson } from '@lp/protocol';
import * as z from 'zod/mini';
import { isStorable } from '../ledger/storable.ts';
import { WebhookError, WebhookMaxPriceError } from './webhook-errors.ts';

/** What the webhook decided (remote-signer.md section 5.1). */
export interface WebhookAnswer {
  /** 200 to go on; anything else refuses the call with this status. */
  readonly status: number;
  readonly reason: string;
  /** Unix seconds until which it need not be asked again; 0 or less for never. */
  readonly expiry: bigint;
  /** The caller's identity; empty for none. */
  readonly authId: string;
  /** A ceiling for this call. */
  readonly maxPrice: MaxPrice | undefined;
}

const answerSchema = z.object({
  status: z.exactOptional(int64),
  reason: z.exactOptional(z.string()),
  expiry: z.exactOptional(int64),
  auth_id: z.exactOptional(z.string()),
  maxPrice: z.exactOptional(z.unknown()),
});

/** Statuses that can be given to a caller as a final answer. */
const [LEAST_STATUS, LARGEST_STATUS] = [200n, 599n];

/**
 * Reads the body of the webhook's 200: keys in any case, others ignored. A status that is no final HTTP status is an
 * answer that cannot be used; go-livepeer hands it on and fails.
 *
 * @throws WebhookError; WebhookMaxPriceError.
 */
export function readWebhookAnswer(body: Uint8Array): WebhookAnswer {
  const { status, reason = '', expiry = 0n, auth_id: authId = '', maxPrice } = fields(body);
  if (status === undefined || status < LEAST_STATUS || status > LARGEST_STATUS) {
    throw new WebhookError('the answer has no usable status');
  }
  // a refusal counts before what else is said (remote-signer.md section 2, step 21)
  if (status !== 200n) return { status: Number(status), reason, expiry: 0n, authId: '', maxPrice: undefined };
  // two identities must never become one
  if (!isStorable(authId)) throw new WebhookError('the auth_id is no text of at most 512 bytes');
  return { status: 200, reason, expiry, authId, maxPrice: readMaxPrice(maxPrice) };
}

function fields(body: Uint8Array): z.output<typeof answerSchema> {
  try {
    return decodeWith(answerSchema, foldKeys(answerSchema, parseJson(body)));
  } catch (cause) {
    throw new WebhookError('the answer is not the documented JSON', { cause });
  }
}

function readMaxPrice(value: unknown): MaxPrice | undefined {
  if (value === undefined || value === null) return undefined;
  if (typeof value !== 'object') throw new WebhookMaxPriceError('it is not an object');
  const text = (name: string): string => {
    const [, found] = Object.entries(value).find(([key]) => key.toLowerCase() === name) ?? [];
    if (found === undefined || found === null) return '';
    if (typeof found === 'string') return found;
    if (name === 'price') {
      if (typeof found === 'number' || typeof found === 'bigint') return String(found);
      if (found instanceof JsonDecimal) return found.text;
    }
    throw new WebhookMaxPriceError(`${name} has another type`);
  };
  return { price: text('price'), currency: text('currency'), unit: text('unit') };
}
