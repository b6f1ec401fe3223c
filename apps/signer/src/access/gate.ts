import { encodeState, type MaxPrice, type SignerState } from '@lp/pm/sender';
import type { FastifyRequest } from 'fastify';
import { canonicalHeaders } from '../webhook/canonical-headers.ts';
import { credentialHash, unnamedIdentity } from '../webhook/credential-hash.ts';
import type { GrantMemory } from '../webhook/grant-memory.ts';
import type { Webhook } from '../webhook/webhook.ts';
import { WebhookRefusal } from '../webhook/webhook-errors.ts';
import { type Caller, callerOf, type KnownCaller } from './caller.ts';
import { AUTH_ID_HEADER } from './require-caller.ts';

/** A call that may go on. */
export interface Authorisation {
  /** Whose limits it counts to. */
  readonly caller: Caller;
  /** What the state's `AuthID` has to be; empty for no opinion (remote-signer.md section 2, step 23). */
  readonly authId: string;
  /** What the state's `AuthExpiry` becomes; `undefined` leaves it. */
  readonly authExpiry: bigint | undefined;
  /** The webhook's ceiling, not yet checked. */
  readonly maxPrice: MaxPrice | undefined;
}

/** Decides about one call; asked once, also for calls that will be refused for another reason. */
export interface CallGate {
  /**
   * @param state after the call where it would succeed, before it where it would not; `undefined` without one.
   * @throws WebhookRefusal, WebhookError, WebhookMaxPriceError.
   */
  authorise(state: SignerState | undefined, outcome: 'planned' | 'refused'): Promise<Authorisation>;
}

/** Asks the webhook where there is one; without it whoever was recognised may go on. */
export interface Gate {
  /** For a payment call. The webhook is let go when the caller hangs up. */
  forPayment(request: FastifyRequest): CallGate;
  /** For a route without a state; asks the webhook only where nothing else recognised the caller. */
  admit(request: FastifyRequest, purpose: string): Promise<Caller>;
}

/** What a session that does not exist looks like to the webhook. */
const NO_STATE: SignerState = {
  stateId: '',
  pmSessionId: '',
  lastUpdateNs: undefined,
  orchestratorAddress: `0x${'00'.repeat(20)}`,
  app: '',
  authExpiry: 0n,
  senderNonce: 0,
  balance: { n: 0n, d: 1n },
  initialPricePerUnit: 0n,
  initialPixelsPerUnit: 0n,
  type: '',
  sequenceNumber: 0n,
  authId: '',
};

/** The gate of a server. `everyRoute` asks the webhook on routes other than payments too. */
export function createGate(options: {
  readonly webhook: Webhook | undefined;
  readonly grants: GrantMemory;
  readonly everyRoute: boolean;
  readonly unixSeconds: () => bigint;
}): Gate {
  const { webhook, grants } = options;

  const ask = async (
    request: FastifyRequest,
    to: Webhook,
    about: { readonly state: SignerState; readonly purpose: string; readonly mayBeGranted: boolean },
  ): Promise<Authorisation> => {
    const caller = callerOf(request);
    const headers = headersFor(request, caller);
    const credential = credentialHash(headers);
    const granted = about.mayBeGranted ? grants.get(credential, about.purpose) : undefined;
    const identityOf = (authId: string) => authId || caller.identity || unnamedIdentity(headers);
    if (granted !== undefined) {
      const { authId } = granted;
      return {
        caller: { identity: identityOf(authId) },
        authId: authId || caller.identity,
        authExpiry: undefined,
        maxPrice: undefined,
      };
    }
    using hangUp = abortOnHangUp(request);
    const answer = await to.ask(headers, encodeState(about.state), hangUp.signal);
    if (answer.status !== 200) throw new WebhookRefusal(answer.status, answer.reason);
    const { authId, expiry, maxPrice } = answer;
    grants.set(credential, about.purpose, { expiry, authId });
    return {
      caller: { identity: identityOf(authId) },
      authId: authId || caller.identity,
      authExpiry: expiry,
      maxPrice,
    };
  };

  return {
    forPayment: (request) => ({
      async authorise(state, outcome) {
        const caller = callerOf(request);
        if (webhook === undefined) {
          const authId = caller.by === 'local' ? '' : caller.identity;
          return { caller, authId, authExpiry: undefined, maxPrice: undefined };
        }
        const continued = state !== undefined && state.sequenceNumber > 0n;
        const named = outcome === 'planned' || continued;
        return ask(request, webhook, {
          state: state ?? NO_STATE,
          purpose: named && state !== undefined ? `session ${state.stateId}` : 'refusal',
          // a state says itself that it was granted; one that was taken back to before is asked about again
          mayBeGranted: !continued || state.authExpiry >= options.unixSeconds(),
        });
      },
    }),
    async admit(request, purpose) {
      const caller = callerOf(request);
      if (webhook === undefined || caller.by !== 'undecided' || !options.everyRoute) return caller;
      return (await ask(request, webhook, { state: NO_STATE, purpose, mayBeGranted: true })).caller;
    },
  };
}

/** The caller's fields, without an API key of ours, and with the identity that a trusted proxy stated. */
function headersFor(request: FastifyRequest, caller: KnownCaller): Record<string, string[]> {
  const headers = canonicalHeaders(
    request.raw.rawHeaders,
    new Set(caller.spent === undefined ? [] : [caller.spent]),
  );
  const stated = request.headers[AUTH_ID_HEADER];
  const identity = typeof stated === 'string' ? stated : caller.identity;
  if (identity === '' || caller.by === 'local') return headers;
  const fields = Object.entries({ ...headers, 'Signer-Auth-Id': [identity] });
  return Object.fromEntries(fields.toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

/** A signal that aborts when the connection closes before the answer. */
function abortOnHangUp(request: FastifyRequest): { readonly signal: AbortSignal } & Disposable {
  const hangUp = new AbortController();
  const { socket } = request.raw;
  const onClose = () => hangUp.abort(new Error('the caller hung up'));
  if (socket.destroyed) onClose();
  else socket.once('close', onClose);
  return {
    signal: hangUp.signal,
    [Symbol.dispose]: () => void socket.removeListener('close', onClose),
  };
}
