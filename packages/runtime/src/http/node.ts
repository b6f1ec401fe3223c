import type { LookupFunction } from 'node:net';
import { Agent, Client } from 'undici';
import { type Deadline, deadline } from '../deadline.ts';
import { systemClock } from '../system-clock.ts';
import type { HttpRequest, HttpResponse, HttpStream } from '../transport.ts';
import { BodyQueue } from './body-queue.ts';
import { createConnector } from './connector.ts';
import { type AnswerSink, Exchange } from './exchange.ts';
import { bodyAborted, bodyTooLarge } from './failures.ts';
import { outliveStreams } from './http2-lifetime.ts';
import { startUpload, UploadAgents } from './node-upload.ts';
import { type ClosableTransport, DEFAULT_MAX_BODY_BYTES, type TransportOptions } from './options.ts';
import { parseTarget, type Target } from './target.ts';

/** How long an idle connection is kept when the peer does not say. */
const KEEP_ALIVE_MS = 30_000;

/** What tests replace. */
export interface NodeTransportPorts {
  readonly lookup?: LookupFunction;
}

/**
 * HTTP over undici: deadlines by signal, no redirects, no decompression. Connections of HTTP/1.1 are pooled; those of
 * HTTP/2 end with their request, because a peer can hold streams back and send frames for as long as one is open.
 */
export const createTransport = (
  options: TransportOptions = {},
  ports: NodeTransportPorts = {},
): ClosableTransport => {
  const clock = options.clock ?? systemClock;
  const pins = new Map<string, string>();
  const connector = (http2: boolean) =>
    createConnector({
      tls: options.tls ?? 'verify',
      privateAddresses: options.privateAddresses ?? 'allow',
      pins,
      http2,
      ...ports,
    });
  const connect = connector(false);
  const connectHttp2 = connector(true);
  const uploads = new UploadAgents(connect);
  // undici's own timers tick about once a second; every request has its exact deadline instead.
  const untimed = { headersTimeout: 0, bodyTimeout: 0 };
  const agent = new Agent({
    connect,
    allowH2: false,
    connections: options.connectionsPerHost ?? null,
    keepAliveTimeout: KEEP_ALIVE_MS,
    ...untimed,
  });
  const http2Clients = new Set<Client>();

  /** A client for one request, and its sink: both end together. */
  const openHttp2 = (origin: string, sink: AnswerSink): readonly [Client, AnswerSink] => {
    outliveStreams();
    const client = new Client(origin, { connect: connectHttp2, allowH2: true, ...untimed });
    http2Clients.add(client);
    const end = (): void => {
      http2Clients.delete(client);
      // Not while undici still calls back.
      queueMicrotask(() => void client.destroy());
    };
    const ending: AnswerSink = {
      ...sink,
      onEnd(trailers) {
        end();
        sink.onEnd(trailers);
      },
      onFailure(error) {
        end();
        sink.onFailure(error);
      },
    };
    return [client, ending];
  };

  const start = (request: HttpRequest, target: Target, limit: Deadline, sink: AnswerSink): Exchange => {
    const { origin } = target.url;
    const [dispatcher, answer] = request.http2 === true ? openHttp2(origin, sink) : [agent, sink];
    const exchange = new Exchange(target, limit, answer);
    if (limit.signal.aborted) {
      exchange.interrupt();
      return exchange;
    }
    limit.signal.addEventListener('abort', exchange.interrupt, { once: true });
    dispatcher.dispatch(
      {
        origin,
        path: target.url.pathname + target.url.search,
        method: request.method,
        headers: request.headers ?? {},
        body: request.body ?? null,
      },
      exchange,
    );
    return exchange;
  };

  const close = async (): Promise<void> => {
    uploads.destroy();
    await Promise.all([agent, ...http2Clients].map((dispatcher) => dispatcher.destroy()));
  };

  return {
    async request(request) {
      const target = parseTarget(request.url);
      const maxBytes = request.maxBodyBytes ?? DEFAULT_MAX_BODY_BYTES;
      using limit = deadline(request.timeoutMs, request.signal, clock);
      return await new Promise<HttpResponse>((resolve, reject) => {
        let status = 0;
        let headers: Readonly<Record<string, string>> = {};
        const chunks: Uint8Array[] = [];
        let bytes = 0;
        const exchange = start(request, target, limit, {
          onHead(gotStatus, gotHeaders) {
            status = gotStatus;
            headers = gotHeaders;
            if (request.method !== 'HEAD' && Number(headers['content-length']) > maxBytes) {
              exchange.fail(bodyTooLarge(target, maxBytes));
            }
          },
          onChunk(chunk) {
            bytes += chunk.byteLength;
            if (bytes > maxBytes) exchange.fail(bodyTooLarge(target, maxBytes));
            else chunks.push(chunk);
          },
          onEnd(trailers) {
            const body = join(chunks, bytes);
            resolve({ status, headers, body, ...(Object.keys(trailers).length > 0 && { trailers }) });
          },
          onFailure: reject,
        });
      });
    },

    async stream(request) {
      const target = parseTarget(request.url);
      using limit = deadline(request.timeoutMs, request.signal, clock);
      return await new Promise<HttpStream>((resolve, reject) => {
        let queue: BodyQueue | undefined;
        const onAbort = (): void => exchange.fail(bodyAborted(target, request.signal?.reason));
        const release = (): void => request.signal?.removeEventListener('abort', onAbort);
        const exchange = start(request, target, limit, {
          onHead(status, headers, controller) {
            // From here on only the caller's own signal counts; the deadline was for the headers.
            limit.signal.removeEventListener('abort', exchange.interrupt);
            limit.clear();
            request.signal?.addEventListener('abort', onAbort, { once: true });
            queue = new BodyQueue({
              pause: () => controller.pause(),
              resume: () => controller.resume(),
              cancel: () => exchange.fail(bodyAborted(target, undefined)),
            });
            resolve({ status, headers, body: queue });
            if (request.signal?.aborted) onAbort();
          },
          onChunk: (chunk) => queue?.push(chunk),
          onEnd() {
            release();
            queue?.end();
          },
          onFailure(error) {
            release();
            if (queue === undefined) reject(error);
            else queue.fail(error);
          },
        });
      });
    },

    upload: (request) => startUpload(uploads, request),

    close,
    [Symbol.asyncDispose]: close,
  };
};

const join = (chunks: readonly Uint8Array[], bytes: number): Uint8Array => {
  // A copy also of a single chunk: the original is a window into the socket's larger read buffer.
  const whole = new Uint8Array(bytes);
  let at = 0;
  for (const chunk of chunks) {
    whole.set(chunk, at);
    at += chunk.byteLength;
  }
  return whole;
};
