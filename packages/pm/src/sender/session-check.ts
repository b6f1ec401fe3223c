import type { OpenedPayment } from './open.ts';
import type { PlanContext } from './plan.ts';
import { type RefusalCode, SignerRefusal } from './refusal.ts';
import { checkTicketParams, TicketParamsError, type TicketParamsErrorCode } from './ticket-checks.ts';

/** Ten percent of an auth token's 30 minutes (remote-signer.md section 2, step 13). */
const TOKEN_MARGIN_SECONDS = 180n;
const NS_PER_SECOND = 1_000_000_000n;

/** From this last-used nonce on, fresh ticket params are needed: orchestrators take 600 nonces per set. */
export const REFRESH_NONCE = 500;

const CODE_OF: Record<TicketParamsErrorCode, RefusalCode> = {
  missing: 'missing-ticket-params',
  expired: 'refresh-session',
  'no-expiration': 'invalid-ticket-params',
  'out-of-range': 'invalid-ticket-params',
  'face-value-too-low': 'ticket-value',
  'face-value-too-high': 'ticket-value',
  'ticket-ev': 'ticket-value',
  'total-ev': 'ticket-value',
  unlocking: 'sender-funds',
  'no-reserve': 'sender-funds',
  'no-deposit': 'sender-funds',
};

/** What the check looks at besides the request. */
export type SessionCheckContext = Pick<PlanContext, 'nowNs' | 'chain' | 'limits'>;

/**
 * Whether the session can go on under these ticket params and this auth token (remote-signer.md section 2, steps 12
 * and 13). To be asked again when time has passed since the plan: params may have expired before they are signed.
 *
 * @throws SignerRefusal 480 `refresh-session` when fresh params or a fresh token are needed, 400 otherwise.
 */
export function checkSession(opened: OpenedPayment, startNonce: number, context: SessionCheckContext): void {
  const { authToken, ticketParams } = opened.offer;
  if (startNonce >= REFRESH_NONCE) throw refreshSession(opened);
  if (authToken === undefined) throw notCheckable('missing-auth-token', 'missing auth token');
  if (context.nowNs > (authToken.expiration - TOKEN_MARGIN_SECONDS) * NS_PER_SECOND) {
    throw refreshSession(opened);
  }
  try {
    checkTicketParams(ticketParams, 1n, context.chain, context.limits);
  } catch (cause) {
    if (!(cause instanceof TicketParamsError)) throw cause;
    if (cause.code === 'expired') throw refreshSession(opened, cause);
    throw notCheckable(CODE_OF[cause.code], cause.message, cause);
  }
}

/** 480: fresh ticket params or a fresh token are needed. */
export function refreshSession({ offer }: OpenedPayment, cause?: unknown): SignerRefusal {
  return new SignerRefusal(480, 'refresh-session', 'refresh session for remote signer', {
    cause,
    orchestratorUrl: offer.orchestratorUrl,
  });
}

function notCheckable(code: RefusalCode, reason: string, cause?: unknown): SignerRefusal {
  const message = `remote signer could not check whether to refresh session: ${reason}`;
  return new SignerRefusal(400, code, message, { cause });
}
