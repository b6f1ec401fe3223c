import type { ProbeAnswer } from './answers.ts';
import { andThen, end, heard, to, unheard } from './change.ts';
import { hopedRunwayNs } from './runway.ts';
import type { FundingState, Transition } from './state.ts';

const SECOND_NS = 1_000_000_000n;
/** Answers in a row that say neither alive nor ended, with a 404 in between, before they count as ended. */
const MAX_UNCLEAR = 5;

/** What a probe found (funding.md rule 6). A suspicion ends here and nowhere else. */
export function afterProbe(before: FundingState, answer: ProbeAnswer, nowNs: bigint): Transition {
  switch (answer.kind) {
    case 'alive':
      return andThen(heard(before), (state) =>
        to(
          {
            ...state,
            probe: {
              suspect: false,
              blocking: false,
              aliveNs: nowNs,
              notBeforeNs: nowNs,
              notReadySinceNs: undefined,
              unclear: 0,
            },
          },
          { kind: 'probe', alive: true, message: 'alive' },
        ),
      );
    case 'ended': {
      const why = answer.reason === undefined ? '' : `: ${answer.reason}`;
      return andThen(heard(before), (state) =>
        to(
          end(state, {
            reason: 'dropped',
            message: `the orchestrator ended the session${why}`,
            ...(answer.reason === undefined ? {} : { dropReason: answer.reason }),
          }),
          { kind: 'probe', alive: false, message: `ended${why}` },
        ),
      );
    }
    case 'not-ready':
      return andThen(heard(before), (state) => notReady(state, nowNs));
    case 'unclear':
      return andThen(heard(before), (state) => unclear(state, answer.message, nowNs));
    case 'unreachable':
      return andThen(unheard(before, answer.cause ?? answer.message), (state) =>
        unreachable(state, answer, nowNs),
      );
  }
}

function notReady(state: FundingState, nowNs: bigint): Transition {
  const sinceNs = state.probe.notReadySinceNs ?? nowNs;
  const probe = {
    ...state.probe,
    suspect: true,
    blocking: true,
    notReadySinceNs: sinceNs,
    notBeforeNs: nowNs + SECOND_NS,
  };
  const waiting = to(
    { ...state, probe },
    ...(state.probe.notReadySinceNs === undefined ? [{ kind: 'not-ready' } as const] : []),
    { kind: 'probe', alive: undefined, message: 'runner not ready' },
  );
  if (nowNs - sinceNs < state.config.notReadyLimitNs) return waiting;
  return andThen(waiting, (after) =>
    to(
      end(after, {
        reason: 'dropped',
        dropReason: 'runner-not-ready',
        message: 'the runner was not ready for too long',
      }),
    ),
  );
}

function unclear(state: FundingState, message: string, nowNs: bigint): Transition {
  const count = state.probe.unclear + 1;
  const told = to(
    { ...state, probe: { ...state.probe, unclear: count, notBeforeNs: nowNs + SECOND_NS } },
    { kind: 'probe', alive: undefined, message },
  );
  if (!state.probe.suspect || count < MAX_UNCLEAR || hopedRunwayNs(state, nowNs) > 0n) return told;
  return andThen(told, (after) =>
    to(end(after, { reason: 'dropped', message: `the session does not answer: ${message}` })),
  );
}

function unreachable(
  state: FundingState,
  answer: { readonly message: string; readonly cause?: unknown },
  nowNs: bigint,
): Transition {
  const told = to(
    { ...state, probe: { ...state.probe, notBeforeNs: nowNs + SECOND_NS } },
    { kind: 'probe', alive: undefined, message: answer.message },
  );
  if (hopedRunwayNs(state, nowNs) > 0n) return told;
  return andThen(told, (after) =>
    to(
      end(after, {
        reason: 'unreachable',
        peer: 'orchestrator',
        message: `the orchestrator was out of reach until the credit ran out: ${answer.message}`,
        cause: answer.cause,
      }),
    ),
  );
}
