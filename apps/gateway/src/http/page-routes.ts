import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import fastifyStatic from '@fastify/static';
import type { FastifyInstance } from 'fastify';

/** Where the built page lies: beside the built program, or under `dist` when the sources run. */
function pageRoot(): string | undefined {
  const places = ['../page/', '../../dist/page/'].map((path) =>
    fileURLToPath(new URL(path, import.meta.url)),
  );
  return places.find((path) => existsSync(`${path}index.html`));
}

/** `GET /` and its files; `GET /settings` tells the page what it should name, to callers only. */
export async function pageRoutes(
  server: FastifyInstance,
  settings: Readonly<Record<string, unknown>>,
  root: string | undefined = pageRoot(),
): Promise<void> {
  server.get('/settings', { schema: { hide: true } as object }, async (_request, reply) => {
    reply.header('cache-control', 'no-store');
    return settings;
  });
  if (root === undefined) {
    server.get('/', { schema: { hide: true } as object }, async (_request, reply) => {
      return reply.type('text/plain').send('The page is not built. The API is described at /docs.\n');
    });
    return;
  }
  await server.register(fastifyStatic, {
    root,
    // Built files carry a hash in their name; the page itself does not.
    setHeaders: (reply, path) => {
      reply.header(
        'cache-control',
        path.includes('/assets/') ? 'public, max-age=31536000, immutable' : 'no-cache',
      );
    },
  });
}
