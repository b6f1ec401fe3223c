import {
  type DiscoverOptions,
  type Discovery,
  type DiscoverySource,
  discoverRunners,
  type RunnerOffer,
  selectRunners,
} from '@lp/discovery';
import { MAX_WIN_PROB } from '@lp/pm';
import { type Clock, createTransport, deadline, systemClock, systemRandom } from '@lp/runtime';
import { cadenceOf, ceilingOf, checkOptions, type OpenSessionOptions } from './options.ts';
import { payerAddress } from './payer-address.ts';
import type { OpenContext } from './reserve/context.ts';
import { reserveAny } from './reserve/reserve.ts';
import type { Session } from './session.ts';
import { signerClient } from './signer/client.ts';
import { startSession } from './start-session.ts';

const DEFAULT_OPEN_MS = 120_000;
const DEFAULT_REQUEST_MS = 5_000;
const DEFAULT_RESERVE_MS = 60_000;
const DEFAULT_CANDIDATES = 8;
const DISCOVERY_TRIES = 3;
const DISCOVERY_RETRY_MS = 500;

/**
 * Opens a paid session: finds runners, reserves the best one that will have us, and keeps it paid until it is closed
 * (architecture.md section 6, funding.md). Nothing is paid before a runner has named its terms and they fit.
 *
 * @throws SessionOptionError, NoRunnerError, PriceError, SpendLimitError, SignerError, ReservationError, AddressError,
 *   DeadlineError after `openTimeoutMs`, or the reason of `signal`
 * @example
 * await using session = await openSession({
 *   app: 'lp/edges',
 *   signer: { url: 'http://127.0.0.1:8937' },
 *   maxPrice: { usd: '0.60', unit: 'hour', weiPerUsd: ratio(10n ** 18n, 3000n) },
 * });
 * const answer = await session.app.request('stream', { body: '{"effect":"edges"}' });
 */
export async function openSession(options: OpenSessionOptions): Promise<Session> {
  checkOptions(options);
  const clock = options.clock ?? systemClock;
  const random = options.random ?? systemRandom;
  const transport = options.transport ?? createTransport();
  const requestTimeoutMs = options.requestTimeoutMs ?? DEFAULT_REQUEST_MS;
  const maxPrice = ceilingOf(options.maxPrice);
  using limit = deadline(options.openTimeoutMs ?? DEFAULT_OPEN_MS, options.signal, clock);
  const { signal } = limit;
  try {
    signal.throwIfAborted();
    const { offers, failures } = await discover(sourcesOf(options), {
      transport,
      clock,
      signal,
      timeoutMs: requestTimeoutMs,
      app: options.app,
    });
    const selection = selectRunners(offers, {
      app: options.app,
      mode: 'persistent',
      seed: hex(random.bytes(8)),
      ...(maxPrice === undefined ? {} : { maxPrice }),
      ...(options.health === undefined ? {} : { health: options.health }),
    });
    const client = options.signer === undefined ? undefined : signerClient(options.signer, transport);
    const context: OpenContext = {
      app: options.app,
      transport,
      clock,
      random,
      signal,
      signer: undefined,
      maxPrice,
      maxSpendWei: options.maxSpend,
      maxLossQuanta:
        options.maxLossOnFailover === undefined ? undefined : options.maxLossOnFailover * MAX_WIN_PROB,
      unit: options.unit,
      units: options.units ?? 'explicit',
      cadence: (told) => cadenceOf(options, told),
      requestTimeoutMs,
      signerTimeoutMs: requestTimeoutMs,
      reserveTimeoutMs: options.reserveTimeoutMs ?? DEFAULT_RESERVE_MS,
      health: options.health,
      store: options.store,
      tally: {
        refusals: selection.refusals.map(({ offer, code, message }) => ({
          runner: offer,
          stage: 'select',
          code,
          message,
          money: 'none',
          elapsedMs: 0,
        })),
        failures,
        lostQuanta: 0n,
        firstOpening: undefined,
        typedOnly: false,
        noLead: false,
      },
    };
    const candidates: readonly RunnerOffer[] = selection.candidates.slice(
      0,
      options.maxCandidates ?? DEFAULT_CANDIDATES,
    );
    // Who pays is asked only when there is someone to pay.
    const signer =
      client === undefined || candidates.length === 0
        ? undefined
        : { client, ...(await payerAddress(client, context)) };
    const takesLead = options.units === undefined && signer?.offersLead === true;
    const paying: OpenContext = { ...context, signer, ...(takesLead ? { units: 'lead' } : {}) };
    const reserved = await reserveAny(candidates, paying);
    return await startSession(reserved, paying, options);
  } catch (error) {
    // An abort surfaces in many shapes; the caller gets its own reason.
    signal.throwIfAborted();
    throw error;
  }
}

/** One list that could not be had is no reason to give up at once when there is no other. */
async function discover(
  sources: readonly DiscoverySource[],
  options: DiscoverOptions & { readonly clock: Clock },
): Promise<Discovery> {
  for (let attempt = 1; ; attempt++) {
    const found = await discoverRunners(sources, options);
    if (found.offers.length > 0 || found.failures.length === 0 || attempt >= DISCOVERY_TRIES) return found;
    await options.clock.sleep(DISCOVERY_RETRY_MS, options.signal);
  }
}

function sourcesOf({ discovery, signer }: OpenSessionOptions): readonly DiscoverySource[] {
  if (discovery !== undefined) return 'kind' in discovery ? [discovery] : discovery;
  return signer === undefined ? [] : [{ kind: 'signer', ...signer }];
}

const hex = (bytes: Uint8Array): string =>
  Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
