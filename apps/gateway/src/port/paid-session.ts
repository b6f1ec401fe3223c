import { ceilRatio } from '@lp/pricing';
import type { Clock } from '@lp/runtime';
import type { Session, SessionEvent, Receipt as SessionReceipt } from '@lp/session';
import type { Funding, PaidSession, PortEvent, Receipt } from './session-port.ts';
import { startStream } from './start-stream.ts';

/** A session of `@lp/session` as the gateway sees it. */
export function paidSession(session: Session, clock: Clock): PaidSession {
  // From now on, so that nothing between the opening and the first reader is missed.
  const events = session.events();
  return {
    id: session.id,
    orchestrator: session.orchestrator,
    runner: session.runner,
    price: session.price,
    channelOrigins: [session.app.url, session.controlUrl, session.orchestrator].map(
      (url) => new URL(url).origin,
    ),
    startStream: (params, signal) => startStream(session, params, clock, signal),
    funding: () => fundingOf(session),
    async *events() {
      for await (const event of events) {
        const told = portEvent(event);
        if (told !== undefined) yield told;
      }
    },
    reportChannelTrouble: () => session.suspect(),
    ended: session.ended.then(receiptOf),
    close: async () => receiptOf(await session.close()),
  };
}

/** Wei are rounded up: what was paid is never shown as less. */
function fundingOf(session: Session): Funding {
  const now = session.funding();
  if (now === undefined) return { runwayMs: null, paidWei: 0n, payments: 0, tickets: 0 };
  const { runwayMs, paidWei, payments, tickets } = now;
  return { runwayMs, paidWei: ceilRatio(paidWei), payments, tickets };
}

function receiptOf(receipt: SessionReceipt): Receipt {
  const { paid, fees, reason, dropReason, durationNs } = receipt;
  return {
    reason: dropReason ?? (reason === 'closed' ? 'closed-by-caller' : reason),
    seconds: `${durationNs / 1_000_000_000n}.${(durationNs % 1_000_000_000n).toString().padStart(9, '0')}`,
    paidWei: ceilRatio(paid.wei),
    feeWei: ceilRatio(fees.wei),
    payments: paid.payments,
    tickets: paid.tickets,
  };
}

/** What of a session's events the gateway tells further; undefined for those that only matter inside. */
export function portEvent(event: SessionEvent): PortEvent | undefined {
  switch (event.type) {
    case 'payment':
    case 'payment-recovered':
    case 'connection-restored':
    case 'not-ready':
      return { type: event.type };
    case 'payment-failed':
      return { type: 'payment-failed', runwayMs: event.runwayMs, cause: event.message };
    case 'connection-lost':
      return { type: 'connection-lost', cause: 'the orchestrator does not answer' };
    case 'probe':
      return event.alive === undefined ? undefined : { type: 'probe', alive: event.alive };
    case 'rescue':
      return { type: 'remark', what: 'rescue', message: event.message };
    case 'payment-lost':
      return { type: 'remark', what: 'payment-lost', message: `${event.tickets} tickets: ${event.why}` };
    case 'dropped':
      return { type: 'dropped', reason: event.reason ?? event.message };
    case 'opened':
    case 'skip':
    case 'runway':
    case 'terms':
    case 'channel-closed':
    case 'closed':
      return undefined;
  }
}
