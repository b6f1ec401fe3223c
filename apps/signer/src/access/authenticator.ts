import type { IncomingHttpHeaders } from 'node:http';
import type { KnownCaller } from './caller.ts';

/** One way to recognise callers. */
export interface Authenticator {
  /**
   * The caller of a request, `undefined` when the request carries no credential of this kind that holds.
   *
   * @throws HttpError 503 when it cannot be told now.
   */
  identify(headers: IncomingHttpHeaders): Promise<KnownCaller | undefined>;
}

/** Asks each in turn; the first that knows the caller decides. */
export function anyOf(authenticators: readonly Authenticator[]): Authenticator {
  return {
    async identify(headers) {
      let failure: unknown;
      for (const authenticator of authenticators) {
        try {
          const caller = await authenticator.identify(headers);
          if (caller !== undefined) return caller;
        } catch (error) {
          failure ??= error; // another one may still know the caller
        }
      }
      if (failure !== undefined) throw failure;
      return undefined;
    },
  };
}
