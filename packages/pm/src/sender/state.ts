import { formatRatio, parseRatio, type Ratio, ratio } from '@lp/pricing';
import { parseJson, stringifyJson } from '@lp/protocol';
import { type Hex, type MessageSigner, SignerAnswerError, verifyMessage } from '../index.ts';
import { SignerRefusal } from './refusal.ts';
import { formatTimestamp, parseTimestamp } from './timestamp.ts';

/** What a signer remembers of one session. It travels with the client, signed (remote-signer.md section 3). */
export interface SignerState {
  /** Any string; this package makes 32 lower-case hex digits. */
  readonly stateId: string;
  /** `0x` and the recipientRandHash that `senderNonce` belongs to; empty before the first payment. */
  readonly pmSessionId: string;
  /** Unix nanoseconds up to which time was billed; `undefined` before the first payment. */
  readonly lastUpdateNs: bigint | undefined;
  readonly orchestratorAddress: Hex;
  readonly app: string;
  /** Unix seconds until which an authorisation holds; 0 for none. */
  readonly authExpiry: bigint;
  /** Last nonce used with `pmSessionId`. */
  readonly senderNonce: number;
  /** Wei of credit not yet used up by fees. */
  readonly balance: Ratio;
  /** Wei per `initialPixelsPerUnit` units: the price that every fee of the session is counted at. */
  readonly initialPricePerUnit: bigint;
  readonly initialPixelsPerUnit: bigint;
  readonly type: string;
  /** 0 on the first payment, one more on each that follows. */
  readonly sequenceNumber: bigint;
  readonly authId: string;
}

/** A state as bytes with the signature over them. */
export interface SignedState {
  readonly state: Uint8Array;
  readonly sig: Uint8Array;
}

/** The state as go-livepeer writes it: same keys, order and escapes (remote-signer.md section 3.1). */
export function encodeState(state: SignerState): Uint8Array {
  // by hand: every answer has one, and most of it needs no escapes
  return encoder.encode(
    `{"StateID":${goString(state.stateId)},"PMSessionID":${goString(state.pmSessionId)},` +
      `"LastUpdate":"${formatTimestamp(state.lastUpdateNs)}","OrchestratorAddress":"${state.orchestratorAddress}",` +
      `"App":${goString(state.app)},"AuthExpiry":${state.authExpiry},"SenderNonce":${state.senderNonce},` +
      `"Balance":"${formatRatio(state.balance)}","InitialPricePerUnit":${state.initialPricePerUnit},` +
      `"InitialPixelsPerUnit":${state.initialPixelsPerUnit},"Type":${goString(state.type)},` +
      `"SequenceNumber":${state.sequenceNumber},"AuthID":${goString(state.authId)}}`,
  );
}

const encoder = new TextEncoder();

function goString(text: string): string {
  return /^[\w .:/-]*$/.test(text) ? `"${text}"` : stringifyJson(text);
}

/**
 * Reads a state; unknown keys are ignored, an unreadable balance counts as 0 (remote-signer.md section 2, step 11).
 * Says nothing about who made it: check `verifyState` first.
 *
 * @throws SignerRefusal 400 `invalid-state`.
 */
export function decodeState(bytes: Uint8Array): SignerState {
  const fields = stateFields(bytes);
  const lastUpdateNs = parseTimestamp(text(fields, 'LastUpdate', formatTimestamp(undefined)));
  const address = text(fields, 'OrchestratorAddress').toLowerCase();
  if (lastUpdateNs === null || !/^0x[0-9a-f]{40}$/.test(address)) throw invalidState();
  return {
    stateId: text(fields, 'StateID'),
    pmSessionId: text(fields, 'PMSessionID'),
    lastUpdateNs,
    orchestratorAddress: address as Hex, // the pattern above
    app: text(fields, 'App'),
    authExpiry: integer(fields, 'AuthExpiry', -(2n ** 63n), 2n ** 63n - 1n),
    senderNonce: Number(integer(fields, 'SenderNonce', 0n, 2n ** 32n - 1n)),
    balance: balanceOf(text(fields, 'Balance')),
    initialPricePerUnit: integer(fields, 'InitialPricePerUnit', -(2n ** 63n), 2n ** 63n - 1n),
    initialPixelsPerUnit: integer(fields, 'InitialPixelsPerUnit', -(2n ** 63n), 2n ** 63n - 1n),
    type: text(fields, 'Type'),
    sequenceNumber: integer(fields, 'SequenceNumber', 0n, 2n ** 64n - 1n),
    authId: text(fields, 'AuthID'),
  };
}

/** Signature over the raw state bytes, without an inner hash (remote-signer.md section 3.2). 65 bytes. */
export async function signState(
  state: Uint8Array,
  signer: MessageSigner,
  options?: { signal?: AbortSignal },
): Promise<Uint8Array> {
  const [sig] = await signer.signMessages([state], options);
  if (sig === undefined) throw new SignerAnswerError('the message signer returned no signature');
  return sig;
}

/** Whether `address` signed these state bytes: 65 bytes, v 27/28, low s (remote-signer.md section 3.2). */
export function verifyState(signed: SignedState, address: Hex): boolean {
  return verifyMessage(address, signed.state, signed.sig);
}

function stateFields(bytes: Uint8Array): Record<string, unknown> {
  let value: unknown;
  try {
    value = parseJson(bytes);
  } catch (cause) {
    throw invalidState(cause);
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw invalidState();
  return value as Record<string, unknown>; // an object that is neither null nor an array
}

function text(fields: Record<string, unknown>, key: string, absent = ''): string {
  const value = fields[key] ?? absent;
  if (typeof value !== 'string') throw invalidState();
  return value;
}

function integer(fields: Record<string, unknown>, key: string, min: bigint, max: bigint): bigint {
  const value = fields[key] ?? 0;
  if (typeof value !== 'bigint' && !Number.isSafeInteger(value)) throw invalidState();
  const whole = BigInt(value as bigint | number); // one of the two, by the line above
  if (whole < min || whole > max) throw invalidState();
  return whole;
}

function balanceOf(value: string): Ratio {
  try {
    return parseRatio(value);
  } catch {
    return ratio(0n);
  }
}

function invalidState(cause?: unknown): SignerRefusal {
  return new SignerRefusal(400, 'invalid-state', 'invalid state', { cause });
}
