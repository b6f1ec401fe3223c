import type { DiscoveryFailure, HealthMemory } from '@lp/discovery';
import type { Price, PriceUnit } from '@lp/pricing';
import type { Clock, Random, Transport } from '@lp/runtime';
import type { Refusal } from '../errors.ts';
import type { FundingCadence } from '../options.ts';
import type { SignerClient } from '../signer/client.ts';
import type { SessionStore } from '../store.ts';

/** What opening a session works with. */
export interface OpenContext {
  readonly app: string;
  readonly transport: Transport;
  readonly clock: Clock;
  readonly random: Random;
  readonly signal: AbortSignal;
  readonly signer: { readonly client: SignerClient; readonly address: string } | undefined;
  /** Ceiling that the caller set; without one the published price binds (client.md section 7). */
  readonly maxPrice: Price | undefined;
  readonly maxSpendWei: bigint | undefined;
  /** Quanta of 1 / (2^256 - 1) wei; undefined for one opening payment. */
  readonly maxLossQuanta: bigint | undefined;
  /** Used where a list publishes no price. */
  readonly unit: PriceUnit | undefined;
  /** Starts with the signer's lead, with explicit units, or with types only. */
  readonly units: 'lead' | 'explicit' | 'typed';
  /** The times of the session, for the interval that the challenge tells. @throws SessionOptionError */
  readonly cadence: (paymentIntervalMs: number | undefined) => FundingCadence;
  readonly requestTimeoutMs: number;
  readonly signerTimeoutMs: number;
  readonly reserveTimeoutMs: number;
  readonly health: HealthMemory | undefined;
  readonly store: SessionStore | undefined;
  /** Grows while candidates are tried. */
  readonly tally: OpenTally;
}

/** What the attempts so far brought and cost. */
export interface OpenTally {
  readonly refusals: Refusal[];
  readonly failures: readonly DiscoveryFailure[];
  /** Sent without a session in return, in quanta. */
  lostQuanta: bigint;
  /** The first opening payment, in quanta: the default of `maxLossOnFailover`. */
  firstOpening: bigint | undefined;
  /** The signer takes no explicit units. */
  typedOnly: boolean;
  /** The signer does not open with a lead at these tickets. */
  noLead: boolean;
}
