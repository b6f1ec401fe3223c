import {
  discoveredRunner,
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
  401: 'No valid API key or token.',
  403: "Another caller's state, a page of another origin, or the webhook refuses.",
  409: 'Another request was answered on this state, or for this challenge.',
  413: 'The body has more than 256 KiB.',
  480: 'Fresh ticket params are needed; the header Livepeer-Orchestrator-URL says from where.',
  481: 'The price is above a ceiling.',
  482: 'Nothing to pay now; call again with the same state, error.lpFunding says when.',
  483: 'A limit or a prepaid balance is used up, or the webhook says so.',
  500: 'A fault on this side, masked; the log has the request id.',
  502: 'The webhook gave a maxPrice that cannot be read.',
  503: 'The chain, the ledger or a service that this signer asks is away; call again.',
} as const;

const AGE = {
  last_seen: z.string().optional().describe('When the orchestrator said so, RFC 3339'),
  age_ms: z.int().min(0).optional().describe('How long ago that is, milliseconds'),
};

/** An entry as this signer lists it: with the age of its capabilities, and of each runner. */
const listedEntry = z.object({
  ...discoveryEntry.shape,
  capabilities: z.array(z.string()).describe('pipeline/model, and the apps of the runners; sorted'),
  runners: z.array(z.object({ ...discoveredRunner.shape, ...AGE })).optional(),
  ...AGE,
});

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
  const unauthorized = answer(PAYMENT_STATUSES[401], errorEnvelope);
  return {
    openapi: '3.1.0',
    info: { title: 'lp-signer', version: '1', description: "go-livepeer's remote signer API" },
    components: {
      securitySchemes: {
        bearer: {
          type: 'http',
          scheme: 'bearer',
          description: 'An API key or a token of the configured issuer',
        },
        key: { type: 'apiKey', in: 'header', name: 'X-Api-Key' },
      },
    },
    security: [{ bearer: [] }, { key: [] }, {}],
    paths: {
      '/sign-orchestrator-info': {
        post: {
          summary: 'Address of the sender, and its signature over it',
          responses: { 200: answer('The same for ever', signOrchestratorInfoResponse), 401: unauthorized },
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
          summary:
            'Orchestrators with what they offer at accepted prices: runners, and capabilities by model',
          description:
            'Runners come from /discovery of each orchestrator, capabilities from its gRPC. Both are asked every --discovery-interval-ms; one that does not answer keeps what it said for --discovery-max-age-ms, each half by itself.',
          parameters: [
            {
              name: 'caps',
              in: 'query',
              description: 'Only those that offer any of these',
              schema: { type: 'array', items: { type: 'string' } },
            },
          ],
          responses: {
            200: answer('Empty when nothing matches', z.array(listedEntry)),
            401: unauthorized,
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
