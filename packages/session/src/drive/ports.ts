import type { RunnerOffer } from '@lp/discovery';
import type { Price, PriceUnit } from '@lp/pricing';
import type { Clock, Transport } from '@lp/runtime';
import type { SignerClient } from '../signer/client.ts';
import type { SessionStore } from '../store.ts';

/** What the loop of one session works with. */
export interface FundingPorts {
  readonly clock: Clock;
  readonly transport: Transport;
  /** Ends everything. */
  readonly signal: AbortSignal;
  readonly signer: SignerClient;
  /** Address as the signer wrote it. */
  readonly payer: string;
  readonly runner: RunnerOffer;
  readonly app: string;
  readonly manifestId: string;
  readonly paymentUrl: string;
  readonly probeUrl: string;
  readonly controlUrl: string;
  readonly appUrl: string;
  readonly unit: PriceUnit;
  readonly maxPrice: Price | undefined;
  /** Highest price for a rescue. */
  readonly ceiling: Price | undefined;
  readonly requestTimeoutMs: number;
  readonly store: SessionStore | undefined;
}
