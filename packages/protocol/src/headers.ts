import { decodeBase64, encodeBase64 } from './base64.ts';
import { decodePayment, encodePayment } from './payment.ts';
import { MAX_MESSAGE_BYTES } from './protobuf.ts';
import { decodeSegData, encodeSegData } from './seg-data.ts';
import type { Payment, SegData } from './types.ts';
import { WireError } from './wire-error.ts';

/** Names of the headers that travel between client, signer, orchestrator and runner. */
export const HEADERS = {
  /** Client to orchestrator: a `Payment` (payments.md section 3.1). */
  payment: 'Livepeer-Payment',
  /** Client to orchestrator: a `SegData` (payments.md section 3.2). */
  segment: 'Livepeer-Segment',
  /** Client to orchestrator: for whom the challenge is (live-runner.md section 8.1). */
  payerAddress: 'Livepeer-Payer-Address',
  /** Signer to client, with status 480: where to refresh (remote-signer.md section 1.1). */
  orchestratorUrl: 'Livepeer-Orchestrator-URL',
  /** Trusted proxy to signer: the caller's identity (remote-signer.md section 1.3). */
  signerAuthId: 'Signer-Auth-Id',
  /** Orchestrator to runner (live-runner.md section 10.1). */
  runnerRoute: 'Livepeer-Runner-Route',
  /** Orchestrator to runner. */
  sessionId: 'Livepeer-Session-Id',
  /** Orchestrator to runner, and back with callbacks: a secret. */
  sessionToken: 'Livepeer-Session-Token',
  /** Orchestrator to runner: base URL of the callbacks. */
  sessionControl: 'Livepeer-Session-Control',
  /** Our orchestrator to client, with a 404: why the session ended. */
  sessionEnded: 'Livepeer-Session-Ended',
} as const;

/** Value of `Livepeer-Payment`. @throws WireError `invalid-field`, `too-large` */
export function encodePaymentHeader(payment: Payment): string {
  return encodeBase64(encodePayment(payment));
}

/**
 * Reads `Livepeer-Payment`. A missing or empty header is an empty payment (payments.md section 3.1).
 *
 * @throws WireError `malformed-base64`, `malformed-protobuf`, `invalid-field`, `too-large`
 */
export function decodePaymentHeader(value: string | undefined): Payment {
  return decodePayment(headerBytes(HEADERS.payment, value));
}

/** Value of `Livepeer-Segment`. @throws WireError `invalid-field`, `too-large` */
export function encodeSegmentHeader(data: SegData): string {
  return encodeBase64(encodeSegData(data));
}

/**
 * Reads `Livepeer-Segment`. A missing or empty header reads as empty fields: its signature will not verify.
 *
 * @throws WireError `malformed-base64`, `malformed-protobuf`, `invalid-field`, `too-large`
 */
export function decodeSegmentHeader(value: string | undefined): SegData {
  return decodeSegData(headerBytes(HEADERS.segment, value));
}

function headerBytes(name: string, value = ''): Uint8Array {
  if (value.length > (MAX_MESSAGE_BYTES / 3) * 4 + 4) {
    throw new WireError('too-large', `${name} has ${value.length} characters`);
  }
  return decodeBase64(value);
}
