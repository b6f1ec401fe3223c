import { type HeartbeatRequest, type HeartbeatResponse } from '@lp/protocol';
import { backoff, type Clock, type Random, type Transport } from '@lp/runtime';
import { type Beat, sendHeartbeat } from './heartbeat-call.ts';
import { RegistrationError } from './runner-error.ts';

/** Longest time that an old registration under the same id stands in the way: its TTL and one sweep, with a margin. */
const STALE_ID_MS = 30_000;
const RETRY = { baseMs: 1_000, maxMs: 10_000 };
const MIN_WAIT_MS = 250;

/** A heartbeat answer that created the runner. */
export type CreatedRunner = HeartbeatResponse & { readonly heartbeat_secret: string };

/** What a bootstrap needs. */
export interface BootstrapCall {
  readonly transport: Transport;
  readonly clock: Clock;
  readonly random: Random;
  readonly base: string;
  readonly secret: string;
  readonly body: HeartbeatRequest;
  readonly signal: AbortSignal;
  /** Told of each attempt that failed. */
  readonly onFailure: (beat: Exclude<Beat, { kind: 'ok' }>) => void;
  /** `throw` on a refusal that will not go away, or keep trying: an operator may mend it. */
  readonly onRefusal: 'throw' | 'retry';
}

/**
 * Registers with the bootstrap secret, retrying until it works (live-runner.md section 4.2).
 *
 * @throws RegistrationError on a final refusal, when told to; the signal's reason when it aborts
 */
export async function bootstrap(call: BootstrapCall): Promise<CreatedRunner> {
  const start = call.clock.monotonicNs();
  for (let attempt = 0; ; attempt++) {
    const beat = await sendHeartbeat(call.transport, call);
    call.signal.throwIfAborted();
    if (beat.kind === 'ok') {
      const { heartbeat_secret: secret } = beat.answer;
      if (secret !== undefined && secret !== '') return { ...beat.answer, heartbeat_secret: secret };
    }
    const failure: Exclude<Beat, { kind: 'ok' }> =
      beat.kind === 'ok'
        ? { kind: 'failed', message: 'the answer has no heartbeat_secret', cause: undefined }
        : beat;
    const waitedMs = Number((call.clock.monotonicNs() - start) / 1_000_000n);
    const refusal = finalRefusal(failure, call.body.runner_id !== undefined && waitedMs < STALE_ID_MS);
    if (refusal !== undefined && call.onRefusal === 'throw') throw refusal;
    call.onFailure(failure);
    const wait = Math.max(MIN_WAIT_MS, backoff(attempt, { ...RETRY, random: call.random }));
    await call.clock.sleep(wait, call.signal);
  }
}

// `staleId`: the id is our own choice, and an earlier registration under it may still have to expire.
function finalRefusal(beat: Exclude<Beat, { kind: 'ok' }>, staleId: boolean): RegistrationError | undefined {
  if (beat.kind === 'failed') return undefined;
  const { status, message } = beat;
  if (status === 401) {
    if (staleId) return undefined;
    const why = `the orchestrator refused the bootstrap secret (or the runner id is taken): ${message}`;
    return new RegistrationError('unauthorized', why, { status });
  }
  if (status === 404) {
    if (staleId) return undefined;
    return new RegistrationError('disabled', `the orchestrator takes no dynamic runners: ${message}`, {
      status,
    });
  }
  if (status === 408 || status === 429 || status >= 500) return undefined;
  return new RegistrationError('refused', `the orchestrator refused the registration: ${message}`, {
    status,
  });
}
