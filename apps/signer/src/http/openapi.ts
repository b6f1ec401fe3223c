import {
  discoveryEntry,
  errorEnvelope,
  signerPaymentRequest,
  signerPaymentResponse,
  signOrchestratorInfoResponse,
  stringifyJson,
} from '@lp/protocol';
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import type { Gate } from '../access/gate.ts';
import { sendJson } from './json-reply.ts';

/** What each status of a payment call means, in a sentence. */
const PAYMENT_STATUSES = {
  400: 'The request, its state or the ticket params are refused; error.code says which.',
  480: 'Fresh ticket params are needed; the header Livepeer-Orchestrator-URL says from where.',
  481: 'The price is above a ceiling.',
  482: 'Nothing to pay now; call again with the same state, error.lpFunding says when.',
  503: 'The chain could not be read recently; call again.',
} as const;

/** `GET /openapi.json`: the API in OpenAPI 3.1, from the schemas that requests are read with. */
export function openApiRoute(server: FastifyInstance, gate: Gate): void {
  const text = `${stringifyJson(openApiDocument())}\n`;
  server.get('/openapi.json', async (request, reply) => {
    await gate.admit(request, 'openapi');
    return sendJson(reply, text);
  });
}

/** The document, as a plain value. */
export function openApiDocument(): Record<string, unknown> {
  const failures = Object.entries(PAYMENT_STATUSES).map(([status, description]) => [
    status,
    answer(description, errorEnvelope),
  ]);
  return {
    openapi: '3.1.0',
    info: { title: 'lp-signer', version: '1', description: "go-livepeer's remote signer API" },
    components: { securitySchemes: { key: { type: 'http', scheme: 'bearer' } } },
    security: [{ key: [] }, {}],
    paths: {
      '/sign-orchestrator-info': {
        post: {
          summary: 'Address of the sender, and its signature over it',
          responses: { 200: answer('The same for ever', signOrchestratorInfoResponse) },
        },
      },
      '/generate-live-payment': {
        post: {
          summary: 'Tickets for one payment, and the state for the next',
          requestBody: { required: true, content: json(signerPaymentRequest) },
          responses: { 200: answer('Paid', signerPaymentResponse), ...Object.fromEntries(failures) },
        },
      },
      '/discover-orchestrators': {
        get: {
          summary: 'Orchestrators with priced runners',
          parameters: [
            {
              name: 'caps',
              in: 'query',
              description: 'Only those that offer any of these',
              schema: { type: 'array', items: { type: 'string' } },
            },
          ],
          responses: {
            200: answer('Empty when nothing matches', z.array(discoveryEntry)),
            503: answer('Nothing is known', errorEnvelope),
          },
        },
      },
      '/healthz': {
        get: {
          summary: 'Whether the process serves',
          security: [{}],
          responses: { 200: { description: 'It does' } },
        },
      },
    },
  };
}

function answer(description: string, schema: z.core.$ZodType): Record<string, unknown> {
  return { description, content: json(schema) };
}

/** The wire side of a codec: what travels, not what the program holds. */
function json(schema: z.core.$ZodType): Record<string, unknown> {
  const { $schema: _dialect, ...rest } = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' });
  return { 'application/json': { schema: rest } };
}
