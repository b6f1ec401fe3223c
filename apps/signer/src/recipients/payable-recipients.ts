import type { Hex } from '@lp/pm';
import type { Chain } from '@lp/pm/chain';
import { type Clock, DeadlineError, deadline } from '@lp/runtime';
import { HttpError } from '@lp/service';

/** Who may be a recipient of tickets. */
export interface PayableRecipients {
  /**
   * Passes for a recipient that may be paid; at once, without a promise, where that is known.
   *
   * @throws HttpError 400 `unregistered-recipient`, 503 `registry-unavailable`.
   */
  check(recipient: Hex, signal: AbortSignal): void | Promise<void>;
}

interface Known {
  readonly registered: boolean;
  readonly atNs: bigint;
}

/** Times in nanoseconds. A registration is read again after ten minutes, and believed for an hour where that fails. */
const FRESH_NS = 600_000_000_000n;
const BELIEVED_NS = 3_600_000_000_000n;
/** Who was not registered may be soon. */
const REFUSED_NS = 30_000_000_000n;
const READ_TIMEOUT_MS = 3000;
const CAPACITY = 10_000;
/** Recipients are the caller's word: so many are looked up at once. */
const MOST_READS = 32;

/**
 * Registered orchestrators, and those that the operator lists besides. Tickets to others are worthless on chain, and a
 * caller could name itself (remote-signer.md H2).
 */
export function payableRecipients(options: {
  readonly chain: Pick<Chain, 'registration'>;
  readonly clock: Clock;
  /** Addresses in lower case, or `any` for everyone. */
  readonly listed: ReadonlySet<string> | 'any';
}): PayableRecipients {
  const { chain, clock, listed } = options;
  const known = new Map<Hex, Known>();
  const reading = new Map<Hex, Promise<void>>();

  const read = async (recipient: Hex): Promise<void> => {
    using limit = deadline(READ_TIMEOUT_MS, undefined, clock);
    const atNs = clock.monotonicNs();
    const { registered } = await chain.registration(recipient, { signal: limit.signal });
    known.delete(recipient);
    known.set(recipient, { registered, atNs });
    if (known.size <= CAPACITY) return;
    const oldest = known.keys().next();
    if (oldest.done !== true) known.delete(oldest.value);
  };
  const readOnce = (recipient: Hex): Promise<void> => {
    const running = reading.get(recipient);
    if (running !== undefined) return running;
    if (reading.size >= MOST_READS) throw unavailable(new Error('too many recipients at once'));
    const begun = read(recipient).finally(() => reading.delete(recipient));
    reading.set(recipient, begun);
    return begun;
  };
  const ask = async (recipient: Hex, signal: AbortSignal): Promise<void> => {
    const before = known.get(recipient);
    try {
      await Promise.race([readOnce(recipient), aborted(signal)]);
    } catch (cause) {
      if (signal.aborted) throw cause;
      const believed = before?.registered === true && clock.monotonicNs() - before.atNs < BELIEVED_NS;
      if (believed) return;
      throw cause instanceof HttpError ? cause : unavailable(cause);
    }
    if (known.get(recipient)?.registered !== true) throw unregistered();
  };

  return {
    check(recipient, signal) {
      if (listed === 'any' || listed.has(recipient)) return undefined;
      const found = known.get(recipient);
      if (found === undefined) return ask(recipient, signal);
      const ageNs = clock.monotonicNs() - found.atNs;
      if (ageNs >= (found.registered ? FRESH_NS : REFUSED_NS)) return ask(recipient, signal);
      if (!found.registered) throw unregistered();
      return undefined;
    },
  };
}

function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    const onAbort = () => reject(signal.reason as Error); // whatever the caller aborted with
    if (signal.aborted) onAbort();
    else signal.addEventListener('abort', onAbort, { once: true });
  });
}

function unregistered(): HttpError {
  return new HttpError(
    400,
    'unregistered-recipient',
    'the recipient of the tickets is not a registered orchestrator',
  );
}

function unavailable(cause: unknown): HttpError {
  const reason = cause instanceof DeadlineError ? 'not read in time' : 'not readable';
  return new HttpError(
    503,
    'registry-unavailable',
    `the registration of the recipient is ${reason}; try again`,
    {
      cause,
    },
  );
}
