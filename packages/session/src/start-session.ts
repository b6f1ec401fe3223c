import { MAX_WIN_PROB } from '@lp/pm';
import { ratio } from '@lp/pricing';
import { FundingLoop } from './drive/funding-loop.ts';
import { stopSession } from './drive/stop.ts';
import { WatchLoop } from './drive/watch-loop.ts';
import type { UntimedEvent } from './events.ts';
import { unitsPerSecond } from './funding/amount.ts';
import { initialState } from './funding/initial.ts';
import { LiveSession, type LiveSessionParts, type SessionEngine } from './live-session.ts';
import { narrate } from './narrate.ts';
import { cadence, type OpenSessionOptions } from './options.ts';
import { ceilingFor } from './reserve/challenge.ts';
import type { OpenContext } from './reserve/context.ts';
import type { Reserved } from './reserve/reserve.ts';
import type { Session } from './session.ts';

type Tell = (event: () => UntimedEvent) => void;

/** Turns a reservation into a session that pays for itself. @throws SessionOptionError, after ending the reservation */
export async function startSession(
  reserved: Reserved,
  context: OpenContext,
  options: OpenSessionOptions,
): Promise<Session> {
  try {
    const closing = new AbortController();
    const rate = reserved.paid === undefined ? undefined : unitsPerSecond(reserved.paid.terms.price.unit);
    const kind = reserved.paid === undefined ? 'free' : rate === undefined ? 'fixed' : 'metered';
    const engine =
      rate === undefined
        ? watch(reserved, context, options, closing)
        : fund(reserved, rate, context, closing);
    return new LiveSession(partsOf(reserved, kind, context, options), closing, engine);
  } catch (error) {
    await stopSession(reserved.urls.controlUrl, context);
    throw error;
  }
}

function partsOf(
  reserved: Reserved,
  kind: Session['kind'],
  context: OpenContext,
  options: OpenSessionOptions,
): LiveSessionParts {
  const { runner, urls, paid } = reserved;
  const { minted } = paid?.opening ?? {};
  return {
    identity: {
      sessionId: urls.sessionId,
      app: context.app,
      runner: runner.url,
      orchestrator: runner.orchestrator,
      openedMs: context.clock.wallMs(),
    },
    kind,
    price: paid?.terms.price,
    appUrl: urls.appUrl,
    controlUrl: urls.controlUrl,
    startNs: reserved.sentNs,
    paidOnce:
      minted === undefined ? undefined : { tickets: minted.tickets, wei: ratio(minted.quanta, MAX_WIN_PROB) },
    failover: reserved.lostWei,
    clock: context.clock,
    transport: context.transport,
    random: context.random,
    onEvent: options.onEvent,
    signal: options.signal,
  };
}

function fund(
  reserved: Reserved,
  rate: bigint,
  context: OpenContext,
  closing: AbortController,
): (tell: Tell) => SessionEngine {
  const { runner, urls, paid } = reserved;
  const { signer, clock, transport } = context;
  if (paid === undefined || signer === undefined || paid.opening.mode === 'fixed') {
    throw new TypeError('a metered session has a payment and a signer');
  }
  const { terms, challenge, opening } = paid;
  const state = initialState({
    tariff: { price: terms.price, rate },
    mode: paid.opening.mode,
    opening,
    terms,
    sentNs: reserved.sentNs,
    repliedNs: reserved.repliedNs,
    ...context.cadence(challenge.paymentIntervalMs),
    maxSpendWei: context.maxSpendWei,
    lostQuanta: context.tally.lostQuanta,
  });
  const ports = {
    clock,
    transport,
    signal: closing.signal,
    signer: signer.client,
    payer: signer.address,
    runner,
    app: context.app,
    manifestId: challenge.manifestId,
    paymentUrl: paid.paymentUrl,
    probeUrl: paid.probeUrl,
    controlUrl: urls.controlUrl,
    appUrl: urls.appUrl,
    unit: terms.price.unit,
    maxPrice: context.maxPrice,
    ceiling: ceilingFor(runner, context.maxPrice),
    requestTimeoutMs: context.requestTimeoutMs,
    store: context.store,
  };
  return (tell) =>
    new FundingLoop(state, ports, (note, after) => tell(() => narrate(note, after, clock.monotonicNs())));
}

function watch(
  reserved: Reserved,
  context: OpenContext,
  options: OpenSessionOptions,
  closing: AbortController,
): (tell: Tell) => SessionEngine {
  const { paid, urls } = reserved;
  const { debitMs } = cadence(options, paid?.challenge.paymentIntervalMs);
  return (tell) =>
    new WatchLoop({
      clock: context.clock,
      transport: context.transport,
      signal: closing.signal,
      probeUrl: paid?.probeUrl ?? `${urls.controlUrl}/payment`,
      timeoutMs: context.requestTimeoutMs,
      // A free runner takes no payments, so an answer about one proves little: it is asked on suspicion only.
      everyMs: paid === undefined ? undefined : debitMs,
      onProbe: (alive, message) => tell(() => ({ type: 'probe', alive, message })),
    });
}
