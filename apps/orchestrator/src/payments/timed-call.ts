import { type Clock, deadline } from '@lp/runtime';

/**
 * Makes a call that ends after `timeoutMs` or when `signal` aborts, **even if the callee heeds neither**: nothing here
 * may hang on a node that does not answer.
 *
 * @throws DeadlineError, the signal's reason, or what the call throws.
 */
export async function timedCall<T>(
  call: (signal: AbortSignal) => Promise<T>,
  options: { readonly timeoutMs: number; readonly clock: Clock; readonly signal?: AbortSignal | undefined },
): Promise<T> {
  using limit = deadline(options.timeoutMs, options.signal, options.clock);
  limit.signal.throwIfAborted();
  return await new Promise<T>((resolve, reject) => {
    limit.signal.addEventListener('abort', () => reject(limit.signal.reason as Error), { once: true });
    call(limit.signal).then(resolve, reject);
  });
}
