import type { FastifyReply } from 'fastify';

/** Sends JSON text with upstream's content type. As bytes: fastify would add a charset to a string. */
export function sendJson(reply: FastifyReply, text: string): FastifyReply {
  return reply.type('application/json').send(Buffer.from(text));
}
