import { type Clock, deadline } from '@lp/runtime';
import { TrickleError } from './errors.ts';

/** Time limits of one client. */
export interface Patience {
  readonly ms: number;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

/** `work`, or `TrickleError` 'stalled' when it takes too long, or 'aborted' with the signal. */
export const within = async <T>(work: Promise<T>, what: string, patience: Patience): Promise<T> => {
  using limit = deadline(patience.ms, patience.signal, patience.clock);
  const { signal } = limit;
  // When the limit comes first, nobody looks at how the work ended.
  work.catch(() => {});
  const over = (): TrickleError =>
    limit.expired
      ? new TrickleError('stalled', `${what} took more than ${patience.ms} ms`)
      : new TrickleError('aborted', `${what} was aborted`, { cause: signal.reason });
  if (signal.aborted) throw over();
  const stopped = Promise.withResolvers<never>();
  const onAbort = (): void => stopped.reject(over());
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    return await Promise.race([work, stopped.promise]);
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
};
