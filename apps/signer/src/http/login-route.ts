import { bytesToHex, checksumAddress } from '@lp/pm';
import { MAX_LEAD_MS } from '@lp/pm/sender';
import { stringifyJson } from '@lp/protocol';
import type { FastifyInstance } from 'fastify';
import type { Gate } from '../access/gate.ts';
import type { Login } from '../keys/login.ts';
import { sendJson } from './json-reply.ts';

/**
 * `POST /sign-orchestrator-info` (remote-signer.md section 1.2). The answer never changes for a key. `lpFunding` tells
 * clients of ours that a lead can be asked for.
 */
export function loginRoute(server: FastifyInstance, login: Login, gate: Gate): void {
  const address = checksumAddress(login.address);
  const lpFunding = { maxLeadMs: MAX_LEAD_MS };
  const body = `${stringifyJson({ address, signature: bytesToHex(login.signature), lpFunding })}\n`;
  server.post('/sign-orchestrator-info', async (request, reply) => {
    await gate.admit(request, 'login');
    return sendJson(reply, body);
  });
}
