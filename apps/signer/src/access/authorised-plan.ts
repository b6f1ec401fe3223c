import {
  ceilingPrice,
  checkCeilings,
  type MaxPrice,
  type PaymentPlan,
  parseMaxPrice,
  SignerRefusal,
} from '@lp/pm/sender';
import { HttpError } from '@lp/service';
import { WebhookMaxPriceError } from '../webhook/webhook-errors.ts';
import type { Authorisation } from './gate.ts';

/**
 * The plan with what the authorisation adds to its next state (remote-signer.md section 2, steps 22 and 23).
 *
 * @throws SignerRefusal 481; WebhookMaxPriceError 502; HttpError 500 `auth-id-changed`.
 */
export function authorisedPlan(plan: PaymentPlan, authorisation: Authorisation): PaymentPlan {
  const { nextState, opened } = plan;
  const { authId, authExpiry, maxPrice } = authorisation;
  if (maxPrice !== undefined) checkWebhookPrice(plan, maxPrice);
  checkAuthId(opened.state.authId, authId);
  return {
    ...plan,
    nextState: {
      ...nextState,
      authId: nextState.authId || authId,
      authExpiry: authExpiry ?? nextState.authExpiry,
    },
  };
}

/**
 * A session stays with the identity that it began under.
 *
 * @throws HttpError 500 `auth-id-changed`, as go-livepeer answers.
 */
export function checkAuthId(known: string, candidate: string): void {
  if (candidate === '' || known === '' || candidate === known) return;
  throw new HttpError(500, 'auth-id-changed', 'remote signer auth ID changed');
}

function checkWebhookPrice({ opened }: PaymentPlan, maxPrice: MaxPrice): void {
  const { offer, state, funding } = opened;
  let price: ReturnType<typeof parseMaxPrice>;
  try {
    price = parseMaxPrice(maxPrice, state.type);
  } catch (cause) {
    if (!(cause instanceof SignerRefusal)) throw cause;
    throw new WebhookMaxPriceError(cause.message, { cause });
  }
  // the plan has refused every other type
  const asked = ceilingPrice(offer.price, funding.unit);
  checkCeilings(asked, state.type as Parameters<typeof checkCeilings>[1], [
    { source: 'auth webhook maxPrice', price },
  ]);
}
