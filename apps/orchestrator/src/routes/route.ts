import type { FastifyInstance, FastifyReply, FastifyRequest, HTTPMethods } from 'fastify';

/** One endpoint: method, path pattern, what it answers. */
export interface Route {
  readonly method: 'GET' | 'POST' | 'DELETE';
  readonly url: string;
  readonly handler: (request: FastifyRequest, reply: FastifyReply) => unknown;
}

const ALL: readonly HTTPMethods[] = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'];

/** Registers the routes; every other method on one of their paths answers 405 with `Allow`. */
export function addRoutes(app: FastifyInstance, routes: readonly Route[]): void {
  const methods = new Map<string, HTTPMethods[]>();
  for (const route of routes) {
    app.route({ method: route.method, url: route.url, handler: route.handler, exposeHeadRoute: false });
    methods.set(route.url, [...(methods.get(route.url) ?? []), route.method]);
  }
  for (const [url, allowed] of methods) {
    app.route({
      method: ALL.filter((method) => !allowed.includes(method)),
      url,
      exposeHeadRoute: false,
      handler: (_request, reply) =>
        reply
          .code(405)
          .header('allow', allowed.join(', '))
          .type('text/plain; charset=utf-8')
          .send('Method Not Allowed\n'),
    });
  }
}

/** A path parameter, decoded. */
export function param(request: FastifyRequest, name: string): string {
  const value = (request.params as Record<string, string | undefined>)[name]; // patterns of this app are all `:name`
  return value ?? '';
}

/** A header that is given at most once. */
export function header(request: FastifyRequest, name: string): string | undefined {
  const value = request.headers[name];
  return Array.isArray(value) ? value[0] : value;
}

/** The body as bytes; empty when there was none. */
export const bodyBytes = (request: FastifyRequest): Uint8Array =>
  request.body instanceof Uint8Array ? request.body : new Uint8Array();

/** Aborts when the client goes away before its answer was complete. (`request.signal` aborts once a streamed body has ended.) */
export function clientGone(reply: FastifyReply): AbortSignal {
  const gone = new AbortController();
  reply.raw.once('close', () => {
    if (!reply.raw.writableFinished) gone.abort(new Error('the client went away'));
  });
  return gone.signal;
}
