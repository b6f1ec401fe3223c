import type { Fault } from './api-types.ts';
import { gatewayReachable, problem, running, status } from './store.ts';

const MEANING: Readonly<Record<Fault['fault'], string>> = {
  'output-stalled': 'No picture has come out for three seconds.',
  'connection-lost': 'The orchestrator cannot be reached. Trying again.',
  'payment-failed': 'The session cannot be paid at the moment.',
  'not-ready': 'The runner is not ready.',
};

const CAUSES: Readonly<Record<string, string>> = {
  'runner-silent': 'The session is alive, but its runner gives nothing.',
  'runner-not-ready': 'The orchestrator says that the runner is not ready.',
  'session-ended': 'The orchestrator has ended the session.',
  'orchestrator-unreachable': 'The orchestrator cannot be reached.',
};

/** What is wrong, in the words of the event log. */
export function Faults() {
  const faults = running.value ? (status.value?.faults ?? []) : [];
  return (
    <div class="alerts" aria-live="assertive">
      {!gatewayReachable.value && (
        <p class="alert bad">
          <strong>gateway-unreachable</strong> The gateway does not answer this page.
        </p>
      )}
      {faults.map(({ fault, cause }) => (
        <p class="alert" key={fault} data-testid="fault">
          <strong>{fault}</strong> {MEANING[fault]}{' '}
          {cause !== null && <span class="quiet">{CAUSES[cause] ?? cause}</span>}
          {fault === 'payment-failed' && typeof status.value?.runwaySeconds === 'number' && (
            <span> {status.value.runwaySeconds.toFixed(0)} seconds of runway left.</span>
          )}
        </p>
      ))}
      {problem.value !== null && (
        <div class="alert bad" data-testid="problem">
          <p>
            <strong>{problem.value.code}</strong> {problem.value.detail}
            {problem.value.hint !== undefined && <span class="quiet"> {problem.value.hint}</span>}
          </p>
          {(problem.value.refusals ?? []).map((refusal) => (
            <p class="quiet" key={`${refusal.runner}${refusal.code}`}>
              {refusal.runner ?? refusal.orchestrator}: {refusal.message} ({refusal.code})
            </p>
          ))}
        </div>
      )}
    </div>
  );
}
