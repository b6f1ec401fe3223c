import type { Price } from '@lp/pricing';
import type { SignerAnswer } from '../signer/answer.ts';
import { afterDelivery } from './after-delivery.ts';
import { afterMint } from './after-mint.ts';
import { afterProbe } from './after-probe.ts';
import { afterRefresh } from './after-refresh.ts';
import type { DeliveryAnswer, ProbeAnswer, RefreshAnswer } from './answers.ts';
import { end, to } from './change.ts';
import { pauseNs, runwayNs, targetNs } from './runway.ts';
import type { FundingEnd, FundingState, MintRequest, Transition } from './state.ts';

/** What happened since the last decision. Times are monotonic nanoseconds. */
export type FundingEvent =
  /** A payment or a mint is about to be sent: from here on it may have arrived. */
  | { readonly kind: 'sending' }
  | {
      readonly kind: 'minted';
      readonly request: MintRequest;
      readonly answer: SignerAnswer;
      readonly startedNs: bigint;
    }
  | { readonly kind: 'delivered'; readonly answer: DeliveryAnswer }
  | { readonly kind: 'refreshed'; readonly answer: RefreshAnswer; readonly ceiling?: Price }
  | { readonly kind: 'probed'; readonly answer: ProbeAnswer }
  /** The poll was looked at and nothing had to be done. */
  | { readonly kind: 'polled' }
  /** A channel closed, or something answered 404: ask. */
  | { readonly kind: 'suspected' }
  | { readonly kind: 'ended'; readonly end: FundingEnd };

/** Next state and notes. Pure. Every action ends the poll that it was decided in, so that each has its cadence. */
export function advance(state: FundingState, event: FundingEvent, nowNs: bigint): Transition {
  switch (event.kind) {
    case 'sending':
      return to(
        state.pending === undefined
          ? state
          : { ...state, pending: { ...state.pending, attempts: state.pending.attempts + 1 } },
      );
    case 'minted':
      return afterMint(pollDone(state, nowNs), event.request, event.answer, {
        startedNs: event.startedNs,
        nowNs,
      });
    case 'delivered':
      return afterDelivery(state, event.answer, nowNs);
    case 'refreshed':
      return afterRefresh(state, event.answer, {
        nowNs,
        ...(event.ceiling === undefined ? {} : { ceiling: event.ceiling }),
      });
    case 'probed':
      return afterProbe(state, event.answer, nowNs);
    case 'polled':
      return to(pollDone({ ...state, capped: false }, nowNs));
    case 'suspected':
      return to({ ...state, probe: { ...state.probe, suspect: true } });
    case 'ended':
      return to(end(state, event.end));
  }
}

/** The next poll, at a fixed rate: one that is late does not shift those after it. */
function pollDone(state: FundingState, nowNs: bigint): FundingState {
  if (nowNs < state.nextPollNs) return state;
  const short = runwayNs(state, nowNs) < targetNs(state);
  const pause = short ? pauseNs(state) : state.config.pollNs;
  const next = state.nextPollNs + pause;
  return { ...state, nextPollNs: next > nowNs ? next : nowNs + pause };
}
