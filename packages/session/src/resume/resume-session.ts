import type { RunnerOffer } from '@lp/discovery';
import { ratio } from '@lp/pricing';
import { createTransport, deadline, systemClock, systemRandom } from '@lp/runtime';
import { FundingLoop } from '../drive/funding-loop.ts';
import { SessionOptionError } from '../errors.ts';
import { LiveSession } from '../live-session.ts';
import { narrate } from '../narrate.ts';
import { ceilingOf, type OpenSessionOptions } from '../options.ts';
import { payerAddress } from '../payer-address.ts';
import type { Session } from '../session.ts';
import { signerClient } from '../signer/client.ts';
import type { PaymentRecord } from '../store.ts';
import { restore } from './checkpoint.ts';

const DEFAULT_REQUEST_MS = 5_000;
const DEFAULT_OPEN_MS = 30_000;

/** How to resume: who pays, and what a session needs of its surroundings. */
export type ResumeOptions = Pick<
  OpenSessionOptions,
  | 'signer'
  | 'maxPrice'
  | 'signal'
  | 'onEvent'
  | 'store'
  | 'openTimeoutMs'
  | 'requestTimeoutMs'
  | 'clock'
  | 'transport'
  | 'random'
>;

/**
 * Goes on with a session after a crash, from the newest record that `store` was given: probes it, sends the recorded
 * payment once more, and pays on with the recorded signer state on params that nobody has used (funding.md rule 1). A
 * session that is gone by then ends as `dropped`.
 *
 * @throws SessionOptionError for a record that cannot be resumed; SignerError when the signer is out of reach
 */
export async function resumeSession(
  record: Pick<PaymentRecord, 'checkpoint'>,
  options: ResumeOptions,
): Promise<Session> {
  const { checkpoint } = record;
  if (checkpoint === undefined)
    throw new SessionOptionError('a session that was paid once has nothing to resume');
  if (options.signer === undefined) throw new SessionOptionError('give the signer that paid so far');
  const clock = options.clock ?? systemClock;
  const transport = options.transport ?? createTransport();
  const requestTimeoutMs = options.requestTimeoutMs ?? DEFAULT_REQUEST_MS;
  const state = restore(checkpoint, clock);
  const signer = signerClient(options.signer, transport);
  const { address: payer } = await (async () => {
    using limit = deadline(options.openTimeoutMs ?? DEFAULT_OPEN_MS, options.signal, clock);
    return await payerAddress(signer, { clock, signal: limit.signal, signerTimeoutMs: requestTimeoutMs });
  })();
  const { place } = checkpoint;
  const { price } = state.config.tariff;
  const maxPrice = ceilingOf(options.maxPrice);
  const closing = new AbortController();
  const runner: RunnerOffer = {
    orchestrator: place.orchestrator,
    url: place.runner,
    app: place.app,
    mode: 'persistent',
    capacity: { total: 1, used: 1, available: 0 },
    price,
    ageMs: 0,
  };
  return new LiveSession(
    {
      identity: {
        sessionId: place.manifestId,
        app: place.app,
        runner: place.runner,
        orchestrator: place.orchestrator,
        openedMs: checkpoint.startMs,
      },
      kind: 'metered',
      price,
      appUrl: place.appUrl,
      controlUrl: place.controlUrl,
      startNs: state.config.startNs,
      paidOnce: undefined,
      failover: ratio(0n),
      clock,
      transport,
      random: options.random ?? systemRandom,
      onEvent: options.onEvent,
      signal: options.signal,
    },
    closing,
    (tell) =>
      new FundingLoop(
        state,
        {
          ...place,
          clock,
          transport,
          signal: closing.signal,
          signer,
          payer,
          runner,
          unit: price.unit,
          maxPrice,
          ceiling: maxPrice ?? price,
          requestTimeoutMs,
          store: options.store,
        },
        (note, after) => tell(() => narrate(note, after, clock.monotonicNs())),
      ),
  );
}
