import swagger from '@fastify/swagger';
import swaggerUi from '@fastify/swagger-ui';
import type { FastifyInstance } from 'fastify';
import { jsonSchemaTransform } from 'fastify-type-provider-zod';

/** `GET /openapi.json` and the page `/docs`, from the schemas of the routes. Register before the routes. */
export async function docsRoutes(server: FastifyInstance, version: string): Promise<void> {
  await server.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'lp gateway',
        description:
          'Paid live sessions on Livepeer. Errors are problem details (RFC 9457) with a stable `code`. ' +
          'Pictures travel over `WS /sessions/{id}/frames`, which is described in docs/gateway.md.',
        version,
      },
      components: { securitySchemes: { key: { type: 'http', scheme: 'bearer' } } },
      security: [{ key: [] }],
    },
    transform: jsonSchemaTransform,
  });
  server.get('/openapi.json', { schema: { hide: true } as object }, async () => server.swagger());
  await server.register(swaggerUi, { routePrefix: '/docs', staticCSP: false, logLevel: 'warn' });
}
