import type { Capabilities, Hex } from '@lp/protocol';
import { bytesToHex } from '../index.ts';
import type { MaxPrice } from './ceilings.ts';
import { type FundingAsk, type FundingTerms, fundingTerms } from './funding-terms.ts';
import { type Offer, readOffer } from './offer.ts';
import { readCapabilities } from './read-capabilities.ts';
import { SignerRefusal } from './refusal.ts';
import { decodeState, type SignedState, type SignerState, verifyState } from './state.ts';

/** The caller's own names for what a call pays for: recorded with its usage, they decide nothing. */
export interface CallLabels {
  readonly gatewayRequestId?: string;
  readonly attributionSource?: string;
}

/** A `POST /generate-live-payment` body, decoded (remote-signer.md section 1.3). */
export interface LivePaymentRequest {
  /** As the signer returned it before; absent, or both parts empty, opens a session. */
  readonly state?: SignedState;
  /** Protobuf `OrchestratorInfo`. */
  readonly orchestrator: Uint8Array;
  readonly manifestId: string;
  readonly app: string;
  readonly inPixels: bigint;
  readonly type: string;
  readonly maxPrice?: MaxPrice;
  /** Protobuf `Capabilities`; empty for none. */
  readonly capabilities: Uint8Array;
  /** Our extension: lead and exact time. */
  readonly funding?: FundingAsk;
  readonly labels?: CallLabels;
}

/** A request that was read and belongs to a session: what remains is whether and what to pay. */
export interface OpenedPayment {
  readonly offer: Offer;
  /** The session's state with this call's sequence number and type; everything else as before the call. */
  readonly state: SignerState;
  /** Whether this call opens the session. */
  readonly isNew: boolean;
  readonly manifestId: string;
  /** `0x` and the recipientRandHash: nonces count within it. */
  readonly pmSessionId: Hex;
  readonly inPixels: bigint;
  readonly maxPrice: MaxPrice | undefined;
  readonly capabilities: Capabilities | undefined;
  readonly funding: FundingTerms;
  readonly labels: CallLabels;
}

const MAX_APP_LENGTH = 1024;

/**
 * Steps 2 to 12 of remote-signer.md section 2: reads the offer, verifies the state and binds the two.
 *
 * Differs from go-livepeer: `ManifestID` defaults to the session id of the auth token, which is what orchestrators
 * credit, and is limited to `[A-Za-z0-9_.-]{1,128}` (H9, H13); a state id has 128 bits; `app` is limited.
 *
 * @throws SignerRefusal 400.
 */
export function openPayment(
  request: LivePaymentRequest,
  context: {
    /** Whose signature a state must carry. */
    readonly sender: Hex;
    readonly random: { bytes(length: number): Uint8Array };
    /** A state that is known to carry the sender's signature, decoded: saves verifying and reading it; must never err. */
    readonly known?: (signed: SignedState) => SignerState | undefined;
  },
): OpenedPayment {
  const offer = readOffer(request.orchestrator);
  const { state: signed } = request;
  const isNew = signed === undefined || (signed.state.length === 0 && signed.sig.length === 0);
  if (request.app.length > MAX_APP_LENGTH) {
    throw new SignerRefusal(400, 'invalid-app', `app is longer than ${MAX_APP_LENGTH} characters`);
  }
  const app = request.app.toWellFormed();
  const state = isNew
    ? newState(offer, { app, type: request.type, random: context.random })
    : continuedState(signed, offer, { ...context, app, type: request.type });
  return {
    offer,
    state,
    isNew,
    manifestId: manifestIdOf(request.manifestId, isNew, offer),
    pmSessionId: offer.ticketParams.recipientRandHash,
    inPixels: request.inPixels,
    maxPrice: request.maxPrice,
    capabilities: readCapabilities(request.capabilities),
    funding: fundingTerms(request.funding, request.type),
    labels: request.labels ?? {},
  };
}

function newState(
  offer: Offer,
  { app, type, random }: { app: string; type: string; random: { bytes(length: number): Uint8Array } },
): SignerState {
  return {
    stateId: bytesToHex(random.bytes(16)).slice(2),
    pmSessionId: '',
    lastUpdateNs: undefined,
    orchestratorAddress: offer.orchestratorAddress,
    app,
    authExpiry: 0n,
    senderNonce: 0,
    balance: { n: 0n, d: 1n },
    initialPricePerUnit: offer.priceInfo.pricePerUnit,
    initialPixelsPerUnit: offer.priceInfo.pixelsPerUnit,
    type,
    sequenceNumber: 0n,
    authId: '',
  };
}

function continuedState(
  signed: SignedState,
  offer: Offer,
  {
    app,
    type,
    sender,
    known,
  }: {
    readonly app: string;
    readonly type: string;
    readonly sender: Hex;
    readonly known?: (signed: SignedState) => SignerState | undefined;
  },
): SignerState {
  const state = known?.(signed) ?? verifiedState(signed, sender);
  if (state.orchestratorAddress !== offer.orchestratorAddress) {
    throw new SignerRefusal(400, 'orchestrator-mismatch', 'orchestratorAddress mismatch');
  }
  if (state.app !== app) throw new SignerRefusal(400, 'app-mismatch', 'app mismatch');
  if (state.type !== '' && state.type !== type) {
    throw new SignerRefusal(400, 'type-mismatch', 'job type mismatch');
  }
  return { ...state, type, sequenceNumber: state.sequenceNumber + 1n };
}

function verifiedState(signed: SignedState, sender: Hex): SignerState {
  if (!verifyState(signed, sender)) {
    throw new SignerRefusal(400, 'invalid-state-signature', 'invalid sig');
  }
  return decodeState(signed.state);
}

function manifestIdOf(requested: string, isNew: boolean, offer: Offer): string {
  if (requested === '' && !isNew) throw missingManifestId();
  // without an auth token the plan refuses; until then the id stays empty
  const manifestId = requested === '' ? offer.authToken?.sessionId : requested;
  if (manifestId === undefined) return '';
  if (manifestId === '') throw missingManifestId();
  if (!/^[A-Za-z0-9_.-]{1,128}$/.test(manifestId)) {
    throw new SignerRefusal(
      400,
      'invalid-manifest-id',
      'ManifestID must be 1 to 128 letters, digits or one of _.-',
    );
  }
  return manifestId;
}

function missingManifestId(): SignerRefusal {
  return new SignerRefusal(400, 'missing-manifest-id', 'missing manifestID');
}
