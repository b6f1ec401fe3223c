import * as z from 'zod/mini';
import { fundingOffer, fundingReport, fundingRequest } from './funding-messages.ts';
import { base64Bytes, decimalText, int64 } from './scalars.ts';

/** The signer's state as it travels: opaque bytes and their signature, both base64 (remote-signer.md section 3). */
export const signerState = z.object({
  State: z.exactOptional(base64Bytes),
  Sig: z.exactOptional(base64Bytes),
});

/**
 * Body of `POST /generate-live-payment` (remote-signer.md section 1.3). Pass the parsed JSON through
 * `foldKeys(signerPaymentRequest, value)` first: it matches keys as Go does and drops `null`s.
 */
export const signerPaymentRequest = z.object({
  state: z.exactOptional(signerState),
  /** Bytes of an `OrchestratorInfo`. Required, but the signer words its own refusal. */
  orchestrator: z.exactOptional(base64Bytes),
  ManifestID: z.exactOptional(z.string()),
  app: z.exactOptional(z.string()),
  inPixels: z.exactOptional(int64),
  /** `live`, `lv2v`, `fixed` or empty; another value is refused by the signer, not here. */
  type: z.exactOptional(z.string()),
  maxPrice: z.exactOptional(
    z.object({
      /** Decimal text, exact. */
      price: z.exactOptional(decimalText),
      currency: z.exactOptional(z.string()),
      unit: z.exactOptional(z.string()),
    }),
  ),
  /** Bytes of a `Capabilities`. */
  capabilities: z.exactOptional(base64Bytes),
  /** The caller's own id of the job that this pays for. Recorded where it is text; never a reason to refuse. */
  gatewayRequestId: z.exactOptional(z.unknown()),
  /** Which program asks, in its own words. As above. */
  attributionSource: z.exactOptional(z.unknown()),
  /** Ours: lead and exact time. */
  lpFunding: z.exactOptional(fundingRequest),
});

/** Body of the signer's 200 (remote-signer.md section 1.4). `state` is opaque: keep it whole, send it back next time. */
export const signerPaymentResponse = z.object({
  /** Value of `Livepeer-Payment`, to be used verbatim. */
  payment: z.string().check(z.minLength(1, { error: 'must not be empty' })),
  /** Value of `Livepeer-Segment`, to be used verbatim. */
  segCreds: z.exactOptional(z.string()),
  state: z.object({ State: z.string(), Sig: z.string() }),
  /** Ours: absent from a Go signer. */
  lpFunding: z.exactOptional(fundingReport),
});

/** Body of the 200 of `POST /sign-orchestrator-info` (remote-signer.md section 1.2). Both are kept as sent. */
export const signOrchestratorInfoResponse = z.object({
  address: z.string().check(z.minLength(1, { error: 'must not be empty' })),
  signature: z.string().check(z.minLength(1, { error: 'must not be empty' })),
  /** Ours: absent from a Go signer, which offers no lead. */
  lpFunding: z.exactOptional(fundingOffer),
});
