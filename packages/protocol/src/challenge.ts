import * as z from 'zod/mini';
import { decodeBase64 } from './base64.ts';
import { decodeWith } from './decode-with.ts';
import { parseJson, stringifyJson } from './json.ts';
import { decodeOrchestratorInfo } from './orchestrator-info.ts';
import type { OrchestratorInfo, PaymentChallenge } from './types.ts';

const text = z.string().check(z.minLength(1, { error: 'must not be empty' }));
const optionalText = z.exactOptional(z.string());

/** The challenge as JSON (live-runner.md section 8.1). */
const wireChallenge = z.object({
  payment_params: text,
  orchestrator: optionalText,
  manifest_id: text,
  payment_url: optionalText,
  payment_interval_ms: z.exactOptional(z.unknown()),
});

/**
 * Reads the body of a 402, of `/refresh-payment`, or of a payment answer that is a challenge. `payment_params`
 * is kept verbatim. An interval that is not a positive number counts as absent.
 *
 * @throws WireError `malformed-json`, `invalid-field`, `too-large`
 */
export function parseChallenge(body: string | Uint8Array): PaymentChallenge {
  const wire = decodeWith(wireChallenge, parseJson(body));
  const { orchestrator, payment_url: paymentUrl, payment_interval_ms: interval } = wire;
  return {
    paymentParams: wire.payment_params,
    ...(orchestrator !== undefined && { orchestrator }),
    manifestId: wire.manifest_id,
    ...(paymentUrl !== undefined && { paymentUrl }),
    ...(typeof interval === 'number' && interval > 0 && { paymentIntervalMs: interval }),
  };
}

/** Prints a challenge with upstream's order of keys and no trailing newline (live-runner.md section 8.1). */
export function formatChallenge(challenge: PaymentChallenge): string {
  return stringifyJson({
    payment_params: challenge.paymentParams,
    orchestrator: challenge.orchestrator,
    manifest_id: challenge.manifestId,
    payment_url: challenge.paymentUrl,
    payment_interval_ms: challenge.paymentIntervalMs,
  });
}

/**
 * The offer inside a challenge.
 *
 * @throws WireError `malformed-base64`, `malformed-protobuf`, `invalid-field`, `too-large`
 */
export function challengeInfo(challenge: PaymentChallenge): OrchestratorInfo {
  return decodeOrchestratorInfo(decodeBase64(challenge.paymentParams));
}

/** Body of `POST /refresh-payment` (live-runner.md section 8.4). */
export const refreshRequest = z.object({ sender: text, manifest_id: text });
