import { bytesToHex, checksumAddress, loginMessage, type MessageSigner, SignerAnswerError } from '@lp/pm';
import { MAX_LEAD_MS } from '@lp/pm/sender';
import { stringifyJson } from '@lp/protocol';
import type { FastifyInstance } from 'fastify';
import type { Gate } from '../access/gate.ts';
import { sendJson } from './json-reply.ts';

/**
 * `POST /sign-orchestrator-info` (remote-signer.md section 1.2). The answer never changes for a key: it is signed
 * once, here. `lpFunding` tells clients of ours that a lead can be asked for.
 *
 * @throws SignerAnswerError; what the message signer throws.
 */
export async function loginRoute(server: FastifyInstance, signer: MessageSigner, gate: Gate): Promise<void> {
  const [signature] = await signer.signMessages([loginMessage(signer.address)]);
  if (signature === undefined) throw new SignerAnswerError('the message signer returned no signature');
  const address = checksumAddress(signer.address);
  const lpFunding = { maxLeadMs: MAX_LEAD_MS };
  const body = `${stringifyJson({ address, signature: bytesToHex(signature), lpFunding })}\n`;
  server.post('/sign-orchestrator-info', async (request, reply) => {
    await gate.admit(request, 'login');
    return sendJson(reply, body);
  });
}
