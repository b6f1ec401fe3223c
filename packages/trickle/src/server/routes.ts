import type { OutgoingHttpHeaders } from 'node:http';
import type { FastifyPluginAsync, FastifyReply, FastifyRequest } from 'fastify';
import { TrickleHttp, type TrickleHttpOptions } from './http-routes.ts';
import type { TrickleServer } from './trickle-server.ts';

/** Where and how the channels are served. */
export interface TrickleRoutesOptions extends TrickleHttpOptions {
  /** Path of the channels, as `/ai/trickle`. Added to the prefix of `register`. Default: none. */
  readonly prefix?: string;
}

/**
 * A fastify plugin that serves the channels of `server`. Closing the application closes the server. Requests are
 * taken over in `onRequest`, after the application's own hooks of that kind; its later hooks, parsers and body
 * limit do not apply. Keep the application's `requestTimeout` at 0 (fastify's default): requests here wait as long
 * as their peers do.
 *
 * @example
 * await app.register(trickleRoutes(server, { prefix: '/ai/trickle' }));
 */
export const trickleRoutes = (
  server: TrickleServer,
  { prefix = '', ...options }: TrickleRoutesOptions = {},
): FastifyPluginAsync => {
  const http = new TrickleHttp(server, options);
  return async (app) => {
    const mounted = `${app.prefix}${prefix}`.length;
    const takeOver = async (request: FastifyRequest, reply: FastifyReply): Promise<void> => {
      const { url = '' } = request.raw;
      const query = url.indexOf('?');
      const path = url.slice(mounted, query === -1 ? undefined : query);
      reply.hijack();
      // Fastify's names of headers are wider than Node's; both hold what `reply.header` was given.
      http.handle(request.raw, reply.raw, path, reply.getHeaders() as OutgoingHttpHeaders);
    };
    app.addHook('preClose', () => server.close());
    app.all(`${prefix}/*`, { onRequest: takeOver }, takeOver);
  };
};
