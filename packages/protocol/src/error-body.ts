import * as z from 'zod/mini';
import { stringifyJson } from './json.ts';

/**
 * Upstream's JSON error (remote-signer.md section 1.1), with the stable `code` that our services add: clients
 * of upstream read `message` only.
 */
export const errorEnvelope = z.object({
  error: z.object({ message: z.string(), code: z.exactOptional(z.string()) }),
});

/** Body of upstream's JSON error, with its trailing newline: `{"error":{"message":"..."}}`. */
export function upstreamErrorBody(message: string, code?: string): string {
  return `${stringifyJson({ error: code === undefined ? { message } : { message, code } })}\n`;
}
