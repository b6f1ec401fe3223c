import type { FastifyRequest } from 'fastify';

/** Who calls, as far as a credential tells. */
export interface Caller {
  /**
   * Whose limits and usage a call counts to: the name of an API key, `jwt:` and a claim, what a proxy stated, the
   * `auth_id` of the webhook, or `local` where nobody has to say.
   */
  readonly identity: string;
}

/** A caller with how it was recognised. */
export interface KnownCaller extends Caller {
  /**
   * - `local`: nothing is configured, only this machine may call;
   * - `key`, `jwt`: the credential was checked here;
   * - `undecided`: only the webhook can tell, and was not asked yet.
   */
  readonly by: 'local' | 'key' | 'jwt' | 'undecided';
  /** The header that carried an API key, lower case: it goes nowhere else. */
  readonly spent?: 'authorization' | 'x-api-key';
}

const callers = new WeakMap<FastifyRequest, KnownCaller>();

/** Who sent this request. Set before any handler runs. */
export function callerOf(request: FastifyRequest): KnownCaller {
  const caller = callers.get(request);
  if (caller === undefined) throw new TypeError('the request was not authenticated');
  return caller;
}

/** Notes who sent a request. */
export function setCaller(request: FastifyRequest, caller: KnownCaller): void {
  callers.set(request, caller);
}
