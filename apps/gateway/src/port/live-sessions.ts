import {
  type DiscoverySource,
  discoverRunners,
  HealthMemory,
  type RunnerOffer,
  selectRunners,
} from '@lp/discovery';
import type { Price } from '@lp/pricing';
import type { Clock, Random, Transport } from '@lp/runtime';
import { openSession, type SignerOptions } from '@lp/session';
import { openError } from './open-error.ts';
import { paidSession } from './paid-session.ts';
import type { RunnerListing, SessionPort } from './session-port.ts';

/** What real sessions need. */
export interface LiveSessionParts {
  readonly signer: SignerOptions;
  /** Empty: those that the signer names. */
  readonly orchestrators: readonly string[];
  readonly transport: Transport;
  readonly clock: Clock;
  readonly random: Random;
  /** The ceiling now; a ceiling in USD moves with the rate. Throws while there is no rate. */
  readonly maxPrice: () => Price;
  /** Most that any session may pay, in wei. */
  readonly maxSpendWei: bigint | undefined;
  readonly openTimeoutMs: number;
}

const DISCOVERY_TIMEOUT_MS = 5000;

/** Sessions on the network, by `@lp/session`. */
export function liveSessions(parts: LiveSessionParts): SessionPort {
  const { signer, transport, clock, random } = parts;
  const health = new HealthMemory({ clock });
  const discovery: DiscoverySource =
    parts.orchestrators.length === 0
      ? { kind: 'signer', ...signer }
      : { kind: 'orchestrators', urls: parts.orchestrators };
  return {
    async runners(app, signal) {
      const found = await discoverRunners([discovery], {
        transport,
        clock,
        signal,
        timeoutMs: DISCOVERY_TIMEOUT_MS,
        ...(app === undefined ? {} : { app }),
      });
      const failures = found.failures.map(({ url, code, message }) => ({ source: url, code, message }));
      return { ...select(found.offers, app, parts.maxPrice(), health), failures };
    },

    async open(request, signal) {
      signal.throwIfAborted();
      // The signal of `openSession` lives as long as the session; ours only as long as the opening.
      const opening = new AbortController();
      const forward = () => opening.abort(signal.reason);
      signal.addEventListener('abort', forward, { once: true });
      const limits = [request.maxSpendWei, parts.maxSpendWei].filter((limit) => limit !== undefined);
      const maxSpend = limits.reduce<bigint | undefined>(
        (least, limit) => (least === undefined || limit < least ? limit : least),
        undefined,
      );
      try {
        const session = await openSession({
          app: request.app,
          signer,
          discovery,
          maxPrice: parts.maxPrice(),
          ...(maxSpend === undefined ? {} : { maxSpend }),
          openTimeoutMs: parts.openTimeoutMs,
          signal: opening.signal,
          health,
          clock,
          random,
          transport,
        });
        return paidSession(session, clock);
      } catch (error) {
        throw openError(error);
      } finally {
        signal.removeEventListener('abort', forward);
      }
    },
  };
}

/** Sorts offers into usable ones and refusals, app by app. */
function select(
  offers: readonly RunnerOffer[],
  app: string | undefined,
  maxPrice: Price,
  health: HealthMemory,
): Pick<RunnerListing, 'offers' | 'refusals'> {
  const apps = app === undefined ? [...new Set(offers.map((offer) => offer.app))] : [app];
  const selections = apps.map((name) => {
    const named = offers.filter((offer) => offer.app === name);
    return selectRunners(named, { app: name, mode: 'persistent', maxPrice, health });
  });
  return {
    offers: selections
      .flatMap(({ candidates }) => candidates)
      .map(({ gpu, metadata: _metadata, ageMs: _ageMs, ...offer }) => ({
        ...offer,
        ...(gpu?.name === undefined ? {} : { gpu: gpu.name }),
      })),
    refusals: selections
      .flatMap(({ refusals }) => refusals)
      .map(({ offer, code, message }) => ({
        orchestrator: offer.orchestrator,
        runner: offer.url,
        code,
        message,
      })),
  };
}
