import { HttpError } from '@lp/service';
import type { FastifyInstance } from 'fastify';
import type { Gate } from '../access/gate.ts';
import type { Catalogue } from '../discovery/catalogue.ts';
import {
  discoveryBody,
  discoveryEntries,
  filterByCapability,
  type ListingRules,
} from '../discovery/discovery-answer.ts';
import { sendJson } from './json-reply.ts';

/** `GET /discover-orchestrators?caps=` (remote-signer.md section 4); HEAD comes with it. */
export function discoveryRoute(
  server: FastifyInstance,
  options: {
    readonly catalogue: Catalogue;
    /** As they are now. */
    readonly rules: () => ListingRules;
    readonly gate: Gate;
  },
): void {
  const { catalogue, gate } = options;
  server.get('/discover-orchestrators', async (request, reply) => {
    await gate.admit(request, 'discovery');
    const entries = discoveryEntries(catalogue.known(), options.rules());
    if (entries.length === 0) {
      throw new HttpError(503, 'no-runners', 'no orchestrator offers anything at an accepted price');
    }
    const { searchParams } = new URL(request.url, 'http://signer');
    const chosen = filterByCapability(entries, searchParams.getAll('caps'));
    return sendJson(reply, discoveryBody(chosen));
  });
}
