import { deadline } from '../deadline.ts';
import { systemClock } from '../system-clock.ts';
import { type HttpRequest, TransportError } from '../transport.ts';
import { bodyAborted, bodyTooLarge, connectionLost, interrupted } from './failures.ts';
import {
  type ClosableTransport,
  DEFAULT_MAX_BODY_BYTES,
  TransportOptionError,
  type TransportOptions,
} from './options.ts';
import { parseTarget, type Target } from './target.ts';

const flatten = (headers: Headers): Record<string, string> => {
  const flat: Record<string, string> = Object.create(null) as Record<string, string>;
  headers.forEach((value, name) => {
    flat[name] = value;
  });
  return flat;
};

/** Chunks of a fetch body; leaving the iteration, also before it began, cancels it. */
const chunksOf = (
  response: Response,
  target: Target,
  signal: AbortSignal | undefined,
): AsyncIterable<Uint8Array> => ({
  [Symbol.asyncIterator]() {
    const reader = response.body?.getReader();
    return {
      async next() {
        if (reader === undefined) return { done: true, value: undefined };
        try {
          const next = await reader.read();
          return next.done ? { done: true, value: undefined } : { done: false, value: next.value };
        } catch (cause) {
          throw signal?.aborted ? bodyAborted(target, signal.reason) : connectionLost(target, cause);
        }
      },
      async return() {
        // How a body that nobody reads any more ends is of no interest.
        reader?.cancel().catch(() => {});
        return { done: true, value: undefined };
      },
    };
  },
});

/** HTTP over `fetch`, for browsers: no cookies, no cache, no redirects, no referrer. */
export const createTransport = (options: TransportOptions = {}): ClosableTransport => {
  if (options.tls === 'pin') throw new TransportOptionError('tls');
  if (options.privateAddresses === 'refuse') throw new TransportOptionError('privateAddresses');
  const clock = options.clock ?? systemClock;
  const closing = new AbortController();

  const open = async (request: HttpRequest, target: Target, signal: AbortSignal): Promise<Response> => {
    const response = await globalThis.fetch(target.url, {
      method: request.method,
      headers: { ...request.headers },
      // TypeScript distinguishes views on shared memory, which fetch refuses at run time anyway.
      body: (request.body as Uint8Array<ArrayBuffer> | string | undefined) ?? null,
      signal: AbortSignal.any([signal, closing.signal]),
      redirect: 'manual',
      credentials: 'omit',
      cache: 'no-store',
      referrerPolicy: 'no-referrer',
    });
    if (response.type === 'opaqueredirect') {
      throw new TransportError(
        'connection-lost',
        `${target.url.origin} redirects; redirects are not followed`,
        {
          url: target.shown,
          sent: true,
        },
      );
    }
    return response;
  };

  return {
    async request(request) {
      if (request.http2 === true) throw new TransportOptionError('http2');
      const target = parseTarget(request.url);
      const maxBytes = request.maxBodyBytes ?? DEFAULT_MAX_BODY_BYTES;
      using limit = deadline(request.timeoutMs, request.signal, clock);
      if (limit.signal.aborted) throw interrupted(target, limit, false);
      try {
        const response = await open(request, target, limit.signal);
        let body = new Uint8Array(0);
        for await (const chunk of chunksOf(response, target, limit.signal)) {
          if (body.byteLength + chunk.byteLength > maxBytes) throw bodyTooLarge(target, maxBytes);
          const longer = new Uint8Array(body.byteLength + chunk.byteLength);
          longer.set(body);
          longer.set(chunk, body.byteLength);
          body = longer;
        }
        return { status: response.status, headers: flatten(response.headers), body };
      } catch (error) {
        if (limit.signal.aborted) throw interrupted(target, limit, true);
        throw error instanceof TransportError ? error : connectionLost(target, error);
      }
    },

    async stream(request) {
      if (request.http2 === true) throw new TransportOptionError('http2');
      const target = parseTarget(request.url);
      using limit = deadline(request.timeoutMs, request.signal, clock);
      if (limit.signal.aborted) throw interrupted(target, limit, false);
      // The deadline ends with the headers; the body lives as long as the caller's own signal.
      const live = new AbortController();
      const onAbort = (): void => live.abort(limit.signal.reason);
      limit.signal.addEventListener('abort', onAbort, { once: true });
      try {
        const response = await open(
          request,
          target,
          AbortSignal.any(request.signal === undefined ? [live.signal] : [live.signal, request.signal]),
        );
        return {
          status: response.status,
          headers: flatten(response.headers),
          body: chunksOf(response, target, request.signal),
        };
      } catch (error) {
        if (limit.signal.aborted) throw interrupted(target, limit, true);
        throw error instanceof TransportError ? error : connectionLost(target, error);
      } finally {
        limit.signal.removeEventListener('abort', onAbort);
      }
    },

    async close() {
      closing.abort(new DOMException('transport closed', 'AbortError'));
    },
    async [Symbol.asyncDispose]() {
      await this.close();
    },
  };
};
