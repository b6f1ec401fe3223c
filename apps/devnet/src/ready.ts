import { type Clock, deadline } from '@lp/runtime';

/** A program listens and is not ready to serve. */
export class NotReadyError extends Error {
  override readonly name = 'NotReadyError';
  readonly code = 'not-ready';
}

const LIMIT_MS = 20_000;
const PAUSE_MS = 50;
const MAX_TEXT = 400;

/**
 * Waits until `<base>/readyz` answers 200.
 *
 * @throws NotReadyError with the last answer; the reason of `signal`
 */
export async function waitReady(
  name: string,
  base: string,
  clock: Clock,
  signal: AbortSignal,
): Promise<void> {
  using limit = deadline(LIMIT_MS, signal, clock);
  let last = 'no answer';
  try {
    for (;;) {
      try {
        const response = await fetch(new URL('/readyz', base), { signal: limit.signal });
        const text = await response.text();
        if (response.ok) return;
        last = `${response.status} ${text.slice(0, MAX_TEXT)}`;
      } catch (error) {
        if (limit.signal.aborted) throw error;
        last = String(error);
      }
      await clock.sleep(PAUSE_MS, limit.signal);
    }
  } catch (cause) {
    if (signal.aborted) throw signal.reason;
    throw new NotReadyError(`${name} is not ready: ${last}`, { cause });
  }
}
