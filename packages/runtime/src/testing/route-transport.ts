import type { Clock } from '../clock.ts';
import { deadline } from '../deadline.ts';
import { bodyAborted, bodyTooLarge, connectionLost, interrupted } from '../http/failures.ts';
import { DEFAULT_MAX_BODY_BYTES } from '../http/options.ts';
import { parseTarget } from '../http/target.ts';
import { systemClock } from '../system-clock.ts';
import { type HttpRequest, type Transport, TransportError } from '../transport.ts';

/** What a route answers. */
export interface RouteReply {
  /** Default 200. */
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Uint8Array | string | AsyncIterable<Uint8Array>;
  /** Not given with streams. */
  readonly trailers?: Readonly<Record<string, string>>;
}

/**
 * A server as a function. The request's signal carries the caller's abort and the deadline. Throwing a
 * `TransportError` is a network failure; any other error reaches the caller as `connection-lost`.
 */
export type RouteHandler = (
  request: HttpRequest & { readonly signal: AbortSignal },
) => RouteReply | Promise<RouteReply>;

const lowerNames = (headers: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));

async function* chunksOf(body: RouteReply['body']): AsyncGenerator<Uint8Array, void, void> {
  if (body === undefined) return;
  if (typeof body === 'string') yield new TextEncoder().encode(body);
  else if (body instanceof Uint8Array) yield body;
  else yield* body;
}

/** Settles like `work`, unless the signal aborts first; then rejects with what `why` makes. */
const unlessAborted = <T>(work: Promise<T>, signal: AbortSignal, why: () => Error): Promise<T> =>
  new Promise((resolve, reject) => {
    const onAbort = (): void => reject(why());
    if (signal.aborted) onAbort();
    signal.addEventListener('abort', onAbort, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort));
  });

/** A transport without a network: each request is answered by `handler`, with real deadlines and limits. */
export const routeTransport = (
  handler: RouteHandler,
  { clock = systemClock }: { clock?: Clock } = {},
): Transport => {
  const answer = async (request: HttpRequest, signal: AbortSignal): Promise<RouteReply> => {
    try {
      return await handler({ ...request, signal });
    } catch (error) {
      throw error instanceof TransportError ? error : connectionLost(parseTarget(request.url), error);
    }
  };
  return {
    async request(request) {
      const target = parseTarget(request.url);
      const maxBytes = request.maxBodyBytes ?? DEFAULT_MAX_BODY_BYTES;
      using limit = deadline(request.timeoutMs, request.signal, clock);
      if (limit.signal.aborted) throw interrupted(target, limit, false);
      const whole = async () => {
        const reply = await answer(request, limit.signal);
        const chunks: number[] = [];
        for await (const chunk of chunksOf(reply.body)) {
          if (chunks.length + chunk.byteLength > maxBytes) throw bodyTooLarge(target, maxBytes);
          for (const byte of chunk) chunks.push(byte);
        }
        return {
          status: reply.status ?? 200,
          headers: lowerNames(reply.headers ?? {}),
          body: Uint8Array.from(chunks),
          ...(reply.trailers !== undefined && { trailers: lowerNames(reply.trailers) }),
        };
      };
      return await unlessAborted(whole(), limit.signal, () => interrupted(target, limit, true));
    },
    async stream(request) {
      const target = parseTarget(request.url);
      using limit = deadline(request.timeoutMs, request.signal, clock);
      if (limit.signal.aborted) throw interrupted(target, limit, false);
      const reply = await unlessAborted(answer(request, limit.signal), limit.signal, () =>
        interrupted(target, limit, true),
      );
      const { signal } = request;
      const source = chunksOf(reply.body);
      const left = Promise.withResolvers<IteratorResult<Uint8Array, void>>();
      const body: AsyncIterator<Uint8Array, void> = {
        next() {
          const next = Promise.race([source.next(), left.promise]);
          if (signal === undefined) return next;
          return unlessAborted(next, signal, () => bodyAborted(target, signal.reason));
        },
        async return() {
          left.resolve({ done: true, value: undefined });
          // A generator that still waits for its next chunk can not be stopped; nobody waits for it.
          source.return().catch(() => {});
          return { done: true, value: undefined };
        },
      };
      return {
        status: reply.status ?? 200,
        headers: lowerNames(reply.headers ?? {}),
        body: { [Symbol.asyncIterator]: () => body },
      };
    },
  };
};
