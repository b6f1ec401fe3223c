import type { UntimedEvent } from './events.ts';
import { amountWei } from './funding/amount.ts';
import { runwayNs } from './funding/runway.ts';
import type { FundingNote, FundingState } from './funding/state.ts';

const toMs = (ns: bigint): number => Number(ns / 1_000_000n);

/** A note of the funding core as an event for the caller: amounts in wei, times in milliseconds. */
export function narrate(
  note: FundingNote | { readonly kind: 'polled' },
  state: FundingState,
  nowNs: bigint,
): UntimedEvent {
  const runwayMs = toMs(runwayNs(state, nowNs));
  const { tariff } = state.config;
  const cause = 'cause' in note && note.cause !== undefined ? { cause: note.cause } : {};
  switch (note.kind) {
    case 'polled':
      return { type: 'runway', runwayMs };
    case 'paid':
      return {
        type: 'payment',
        tickets: note.tickets,
        wei: amountWei(note.amount, tariff),
        roundTripMs: toMs(note.roundTripNs),
        runwayMs,
      };
    case 'skipped':
      return { type: 'skip', alarm: note.alarm, runwayMs };
    case 'lost':
      return {
        type: 'payment-lost',
        tickets: note.tickets,
        wei: amountWei(note.amount, tariff),
        why: note.why,
      };
    case 'failed':
      return { type: 'payment-failed', peer: note.peer, runwayMs, message: note.message, ...cause };
    case 'recovered':
      return { type: 'payment-recovered', runwayMs };
    case 'connection-lost':
      return { type: 'connection-lost', peer: 'orchestrator', runwayMs, ...cause };
    case 'connection-restored':
      return { type: 'connection-restored', peer: 'orchestrator', runwayMs };
    case 'probe':
      return { type: 'probe', alive: note.alive, message: note.message };
    case 'not-ready':
      return { type: 'not-ready' };
    case 'rescue':
      return { type: 'rescue', message: note.message };
    case 'terms':
      return { type: 'terms', message: note.message };
  }
}
