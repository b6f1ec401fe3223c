import { type Ratio, ratio } from '@lp/pricing';
import {
  type AuthToken,
  decodeOrchestratorInfo,
  type Hex,
  type OrchestratorInfo,
  type PriceInfo,
  type TicketParams,
} from '@lp/protocol';
import { SignerRefusal } from './refusal.ts';

/** What an orchestrator asks for, with the parts that a payment cannot do without. */
export interface Offer {
  /** Service URL, as sent: not checked, not to be called by the signer. */
  readonly orchestratorUrl: string;
  /** 20 bytes; not necessarily the ticket recipient. */
  readonly orchestratorAddress: Hex;
  /** Verbatim, for `expected_price`. */
  readonly priceInfo: PriceInfo;
  /** Wei per unit, above 0. */
  readonly price: Ratio;
  readonly ticketParams: TicketParams;
  readonly authToken: AuthToken | undefined;
}

/**
 * Reads the `orchestrator` field of a request (remote-signer.md section 2, steps 2 to 6).
 *
 * Stricter than go-livepeer: a negative price is refused too, since it would add credit instead of billing it.
 *
 * @throws SignerRefusal 400 `missing-orchestrator`, `malformed-orchestrator`, `missing-price`,
 *   `missing-ticket-params`.
 */
export function readOffer(orchestrator: Uint8Array): Offer {
  if (orchestrator.length === 0) {
    throw new SignerRefusal(400, 'missing-orchestrator', 'missing orchestrator');
  }
  const info = decodeInfo(orchestrator);
  const { priceInfo, ticketParams } = info;
  if (priceInfo === undefined || priceInfo.pricePerUnit <= 0n || priceInfo.pixelsPerUnit <= 0n) {
    throw new SignerRefusal(400, 'missing-price', 'missing or zero priceInfo');
  }
  if (ticketParams === undefined) {
    throw new SignerRefusal(400, 'missing-ticket-params', 'missing ticketParams in OrchestratorInfo');
  }
  return {
    orchestratorUrl: info.transcoder,
    orchestratorAddress: info.address,
    priceInfo,
    price: ratio(priceInfo.pricePerUnit, priceInfo.pixelsPerUnit),
    ticketParams,
    authToken: info.authToken,
  };
}

function decodeInfo(bytes: Uint8Array): OrchestratorInfo {
  try {
    return decodeOrchestratorInfo(bytes);
  } catch (cause) {
    const message = cause instanceof Error ? cause.message : 'undecodable orchestrator';
    throw new SignerRefusal(400, 'malformed-orchestrator', message, { cause });
  }
}
