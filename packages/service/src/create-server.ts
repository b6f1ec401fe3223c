import { randomUUID } from 'node:crypto';
import type { Clock } from '@lp/runtime';
import fastify, {
  type FastifyBaseLogger,
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
  LogController,
} from 'fastify';
import type { Logger } from 'pino';
import { limitBodyTime } from './body-deadline.ts';
import { drainOnClose } from './drain.ts';
import type { ErrorReply, ToReply } from './error-reply.ts';
import { asHttpError, HttpError } from './http-error.ts';
import { problemJson } from './problem.ts';

/** Settings of one listener. Every time in milliseconds; 0 switches a limit off. */
export interface ServerOptions {
  readonly log: Logger;
  /** Words errors; what it leaves `undefined` becomes problem+json. */
  readonly toReply?: ToReply;
  /** Parses `application/json` bodies, exactly where integers matter. Default: `JSON.parse` semantics. */
  readonly parseJson?: (body: Uint8Array) => unknown;
  /** Largest request body in bytes. Default 1 MiB. */
  readonly bodyLimitBytes?: number;
  /** Silence on a socket after which it is closed. Default 60,000. */
  readonly connectionTimeoutMs?: number;
  /** Time for all headers of a request. Default 10,000. */
  readonly headersTimeoutMs?: number;
  /** Time for a whole request including its body; 0 for routes that are fed slowly. Default 30,000. */
  readonly requestTimeoutMs?: number;
  /** Time for a body that is read as a whole, at most twice that; 0 for none. Default 30,000. */
  readonly bodyTimeoutMs?: number;
  /** For `bodyTimeoutMs`. Default: the system clock. */
  readonly clock?: Clock;
  /** Idle time of a kept-alive connection. Default 65,000 (longer than that of usual load balancers). */
  readonly keepAliveTimeoutMs?: number;
  /** Serve HTTPS with this certificate chain and key (PEM). */
  readonly tls?: { readonly cert: string; readonly key: string };
  /** Makes request ids when the caller sent no usable one. Default: random UUIDs. */
  readonly newRequestId?: () => string;
}

const REQUEST_ID = /^[\w.:-]{1,128}$/;

/**
 * A fastify server with request ids (`x-request-id` is echoed or made), limits, one place for errors, and a close
 * that drains. Logs a line per failed request (5xx as errors), and one per request at level `debug`.
 * Contexts stay with the app: add routes, then `listen`.
 */
export function createServer(options: ServerOptions): FastifyInstance {
  const newRequestId = options.newRequestId ?? randomUUID;
  const answerTo = (error: unknown, request: FastifyRequest): ErrorReply =>
    options.toReply?.(error, request) ?? problemJson(error, request);
  const settings = {
    loggerInstance: options.log as FastifyBaseLogger,
    logController: new LogController({ disableRequestLogging: true, requestIdLogLabel: 'requestId' }),
    genReqId: (request: { headers: Record<string, string | string[] | undefined> }) => {
      const given = request.headers['x-request-id'];
      return typeof given === 'string' && REQUEST_ID.test(given) ? given : newRequestId();
    },
    bodyLimit: options.bodyLimitBytes ?? 1 << 20,
    connectionTimeout: options.connectionTimeoutMs ?? 60_000,
    requestTimeout: options.requestTimeoutMs ?? 30_000,
    keepAliveTimeout: options.keepAliveTimeoutMs ?? 65_000,
    routerOptions: { maxParamLength: 256 },
    // Before any route: paths that are not an encoding of anything. No hook runs then.
    frameworkErrors: (error: Error, request: FastifyRequest, reply: FastifyReply) => {
      reply.header('x-request-id', request.id);
      send(reply, answerTo(error, request));
    },
  };
  const server = (
    options.tls === undefined ? fastify(settings) : fastify({ ...settings, https: options.tls })
  ) as FastifyInstance;
  // Both kinds of server differ only in the type of `server.server`; callers need one type for both.
  server.server.headersTimeout = options.headersTimeoutMs ?? 10_000;
  if (options.parseJson !== undefined) useJsonParser(server, options.parseJson);
  server.addHook('onRequest', async (request, reply) => void reply.header('x-request-id', request.id));
  server.addHook('onResponse', async (request, reply) => {
    request.log.debug(
      { method: request.method, path: pathOf(request), status: reply.statusCode, ms: reply.elapsedTime },
      'request',
    );
  });
  drainOnClose(server);
  const bodyTimeoutMs = options.bodyTimeoutMs ?? 30_000;
  if (bodyTimeoutMs > 0) limitBodyTime(server, bodyTimeoutMs, options.clock);
  server.setErrorHandler(async (error, request, reply) => {
    const answer = answerTo(error, request);
    logFailure(request, answer, error);
    return send(reply, answer);
  });
  server.setNotFoundHandler(async (request, reply) => {
    const error = new HttpError(404, 'not-found', `${request.method} ${pathOf(request)} does not exist`);
    return send(reply, answerTo(error, request));
  });
  return server;
}

/** The path without its query, which may carry what no log should. */
function pathOf(request: FastifyRequest): string {
  return request.url.split('?', 1)[0]?.slice(0, 256) ?? '';
}

function useJsonParser(server: FastifyInstance, parseJson: (body: Uint8Array) => unknown): void {
  server.removeContentTypeParser('application/json');
  server.addContentTypeParser('application/json', { parseAs: 'buffer' }, (_request, body, done) => {
    // `parseAs: 'buffer'` gives a Buffer; fastify's type covers both settings.
    const bytes = body as Buffer;
    try {
      done(null, bytes.length === 0 ? undefined : parseJson(bytes));
    } catch (cause) {
      const message = cause instanceof Error ? cause.message : 'the body is not JSON';
      done(new HttpError(400, 'malformed-json', message, { cause }));
    }
  });
}

function send(reply: { code(status: number): unknown } & SendableReply, answer: ErrorReply): SendableReply {
  const text = typeof answer.body === 'string';
  const binary = answer.body instanceof Uint8Array;
  const kind = text
    ? 'text/plain; charset=utf-8'
    : binary
      ? 'application/octet-stream'
      : 'application/json; charset=utf-8';
  reply.code(answer.status);
  for (const [name, value] of Object.entries(answer.headers ?? {})) reply.header(name, value);
  reply.header('content-type', answer.contentType ?? kind);
  // Errors bypass the route's response schema: it describes successes.
  reply.serializer((value: unknown) => (typeof value === 'string' ? value : JSON.stringify(value)));
  return reply.send(text || binary ? answer.body : JSON.stringify(answer.body));
}

interface SendableReply {
  header(name: string, value: string): unknown;
  serializer(fn: (value: unknown) => string): unknown;
  send(payload?: unknown): SendableReply;
}

/** A fault that has a name needs no stack: callers can cause it as often as they like. One that has none is a bug. */
function logFailure(request: FastifyRequest, answer: ErrorReply, error: unknown): void {
  const known = asHttpError(error);
  const { status, code = known.code } = answer;
  const context = { method: request.method, path: pathOf(request), status, code };
  if (code === 'internal') request.log.error({ ...context, err: known.cause ?? known }, 'request failed');
  else if (status >= 500) request.log.error({ ...context, reason: reasonOf(error) }, 'request failed');
  else request.log.debug({ ...context, reason: reasonOf(error) }, 'request refused');
}

/** The message with that of the cause. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { message, cause } = error;
  return cause instanceof Error && !message.includes(cause.message)
    ? `${message}: ${cause.message}`
    : message;
}
