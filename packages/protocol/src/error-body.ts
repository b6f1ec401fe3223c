import * as z from 'zod/mini';
import { fundingReport } from './funding-messages.ts';
import { stringifyJson } from './json.ts';

/**
 * Upstream's JSON error (remote-signer.md section 1.1), with the stable `code` that our services add: clients
 * of upstream read `message` only.
 */
export const errorEnvelope = z.object({
  error: z.object({
    message: z.string(),
    code: z.exactOptional(z.string()),
    /** On the 482 of our signer. */
    lpFunding: z.exactOptional(fundingReport),
  }),
});

/**
 * Body of upstream's JSON error, with its trailing newline: `{"error":{"message":"..."}}`. `fields` are further members
 * of the error object.
 */
export function upstreamErrorBody(
  message: string,
  code?: string,
  fields: Readonly<Record<string, unknown>> = {},
): string {
  const error = code === undefined ? { ...fields, message } : { ...fields, message, code };
  return `${stringifyJson({ error })}\n`;
}
