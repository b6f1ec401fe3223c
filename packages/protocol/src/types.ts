/**
 * What travels on Livepeer's wire, as plain values: whole numbers are `bigint`, hashes and addresses are
 * lower-case hex, opaque bytes are `Uint8Array`. The codecs of this package turn them into bytes and back.
 *
 * @module
 */

/** `0x`-prefixed hex, lower case when it comes from this package. */
export type Hex = `0x${string}`;

/** A price: `pricePerUnit / pixelsPerUnit` wei per unit (payments.md section 1, `PriceInfo`). */
export interface PriceInfo {
  /** Wei, int64. */
  readonly pricePerUnit: bigint;
  /** Units that `pricePerUnit` buys, int64. "Pixels" is the wire's word, whatever the unit. */
  readonly pixelsPerUnit: bigint;
  /** Capability number; set in capability price lists only. */
  readonly capability?: number;
  /** Model id or BYOC name; set in capability price lists only. */
  readonly constraint?: string;
}

/** The round whose block hash a ticket commits to (payments.md section 1). */
export interface TicketExpirationParams {
  readonly creationRound: bigint;
  /** 32 bytes: L1 block hash of that round. */
  readonly creationRoundBlockHash: Hex;
}

/** Terms that the recipient sets for the tickets it accepts (payments.md sections 1 and 2.4). */
export interface TicketParams {
  /** 20 bytes. */
  readonly recipient: Hex;
  /** Wei. */
  readonly faceValue: bigint;
  /** Out of 2^256 - 1. */
  readonly winProb: bigint;
  /** 32 bytes. */
  readonly recipientRandHash: Hex;
  readonly seed: bigint;
  /** L1 block number after which tickets under these terms are refused. */
  readonly expirationBlock: bigint;
  /** Set by the orchestrator in `OrchestratorInfo`; absent inside a `Payment`. */
  readonly expirationParams?: TicketExpirationParams;
}

/** The session's identity, issued by the orchestrator (payments.md section 3.3). */
export interface AuthToken {
  /** 32 bytes. */
  readonly token: Uint8Array;
  readonly sessionId: string;
  /** Unix seconds. */
  readonly expiration: bigint;
}

/** One model's constraint inside a capability (payments.md section 1). */
export interface ModelConstraint {
  readonly warm: boolean;
  readonly capacity: number;
  readonly runnerVersion: string;
  readonly capacityInUse: number;
}

/** What a node can do or what a request needs (payments.md section 1, `Capabilities`). */
export interface Capabilities {
  readonly bitstring: readonly bigint[];
  readonly mandatories: readonly bigint[];
  /** Capability number to capacity. */
  readonly capacities: ReadonlyMap<number, number>;
  readonly version: string;
  readonly constraints?: {
    readonly minVersion: string;
    /** Capability number to model id to constraint. */
    readonly perCapability: ReadonlyMap<number, ReadonlyMap<string, ModelConstraint>>;
  };
}

/** What `GetOrchestrator` is asked with (payments.md section 1, `OrchestratorRequest`). */
export interface OrchestratorRequest {
  /** 20 bytes: who asks; absent where nobody pays. */
  readonly address?: Hex;
  /** 65 bytes: the login signature of `address` (remote-signer.md section 1.2). */
  readonly sig?: Uint8Array;
  /** The price is for these only; without them the answer lists all prices. */
  readonly capabilities?: Capabilities;
  /** Answer also when there is no free capacity. */
  readonly ignoreCapacityCheck: boolean;
}

/** An orchestrator's offer: terms, price and session identity (payments.md section 1). */
export interface OrchestratorInfo {
  /** Service URL of the orchestrator. */
  readonly transcoder: string;
  readonly ticketParams?: TicketParams;
  readonly priceInfo?: PriceInfo;
  /** 20 bytes; may differ from the ticket recipient. */
  readonly address: Hex;
  readonly capabilities?: Capabilities;
  readonly authToken?: AuthToken;
  readonly capabilitiesPrices?: readonly PriceInfo[];
  /** Other URLs of the same operator. */
  readonly nodes?: readonly string[];
}

/** The part of a ticket that differs within one payment. */
export interface TicketSenderParams {
  /** uint32. */
  readonly senderNonce: number;
  /** 65 bytes: r, s, v. */
  readonly sig: Uint8Array;
}

/** Body of the `Livepeer-Payment` header (payments.md section 3.1). */
export interface Payment {
  readonly ticketParams?: TicketParams;
  /** 20 bytes; absent in an empty payment. */
  readonly sender?: Hex;
  readonly expirationParams?: TicketExpirationParams;
  readonly ticketSenderParams: readonly TicketSenderParams[];
  readonly expectedPrice?: PriceInfo;
}

/** Body of the `Livepeer-Segment` header (payments.md section 3.2), as far as live payments use it. */
export interface SegData {
  readonly manifestId: string;
  readonly seq: bigint;
  /** 32 bytes; keccak-256 of the empty string for a live payment. */
  readonly hash: Uint8Array;
  /** Go sends the ASCII text `invalid`. */
  readonly profiles: Uint8Array;
  /** 65 bytes: r, s, v. */
  readonly sig: Uint8Array;
  /** Milliseconds. */
  readonly durationMs: number;
  readonly capabilities?: Capabilities;
  readonly authToken?: AuthToken;
}

/** Body of a 200 from the payment endpoints (payments.md section 1, `PaymentResult`). */
export interface PaymentResult {
  readonly info?: OrchestratorInfo;
}

/** Body of a 402 and of `/refresh-payment` (payments.md section 3.4, live-runner.md section 8.1). */
export interface PaymentChallenge {
  /** Standard base64 of `OrchestratorInfo`, kept verbatim: it is passed to the signer unparsed. */
  readonly paymentParams: string;
  /** Service URL. */
  readonly orchestrator?: string;
  readonly manifestId: string;
  readonly paymentUrl?: string;
  /** The orchestrator's debit interval, where it tells (milliseconds). */
  readonly paymentIntervalMs?: number;
}
