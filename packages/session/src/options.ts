import type { DiscoverySource, HealthMemory } from '@lp/discovery';
import { type Price, type PriceUnit, priceFromUsd, type Ratio } from '@lp/pricing';
import type { Clock, Random, Transport } from '@lp/runtime';
import { SessionOptionError } from './errors.ts';
import type { SessionEvent } from './events.ts';
import type { FundingConfig } from './funding/state.ts';
import type { SignerOptions } from './signer/client.ts';
import type { SessionStore } from './store.ts';

/** A ceiling in money of people. Exact at the rate given. */
export interface UsdCeiling {
  /** Decimal text, for example `'0.50'`. */
  readonly usd: string;
  readonly unit: 'second' | 'hour' | '720p' | 'fixed';
  /** Wei for one US dollar. */
  readonly weiPerUsd: Ratio;
}

/** How to open a session. */
export interface OpenSessionOptions {
  /** Application, exact: `lp/edges`. */
  readonly app: string;
  /** Who pays. Without a signer only free runners can be used. */
  readonly signer?: SignerOptions;
  /** Where to look for runners. Default: ask the signer. */
  readonly discovery?: DiscoverySource | readonly DiscoverySource[];
  /** Highest price; equal is allowed. Default: 1.2 % above what the runner publishes. */
  readonly maxPrice?: Price | UsdCeiling;
  /** Most that all tickets of the session together may be worth, wei. Default: no limit. */
  readonly maxSpend?: bigint;
  /**
   * Another runner is tried while no more than this was lost to runners that took a payment and gave no session; wei.
   * Default: one opening payment, so that the second loss ends the search.
   */
  readonly maxLossOnFailover?: bigint;
  /** Aborting it closes the session; while opening, it rejects with its reason. */
  readonly signal?: AbortSignal;
  readonly onEvent?: (event: SessionEvent) => void;
  /** Makes payments durable before they are sent. */
  readonly store?: SessionStore;
  /** Shared by the sessions of a process: runners that failed of late are tried last. */
  readonly health?: HealthMemory;
  /** Unit for runners that publish no price. Default: that of `maxPrice`, else seconds. */
  readonly unit?: PriceUnit;
  /**
   * `typed` never states units itself, for signers whose operators insist; `explicit` always does. Default: a signer that
   * offers a lead keeps it and bills exact time, for others `explicit`.
   */
  readonly units?: 'explicit' | 'typed';
  /** Time between two looks at the runway, milliseconds. Default 3,000, or 60 % of the orchestrator's interval. */
  readonly pollMs?: number;
  /** Runway that is aimed at, milliseconds; at least 15,000. More where round trips are long. */
  readonly targetRunwayMs?: number;
  /** The debit interval, where it is known better than the challenge tells, milliseconds. Default 5,000. */
  readonly debitIntervalMs?: number;
  /** Runners tried at most. Default 8. */
  readonly maxCandidates?: number;
  /** Deadline for opening as a whole, milliseconds. Default 120,000. */
  readonly openTimeoutMs?: number;
  /** Deadline of one request, milliseconds. Default 5,000. */
  readonly requestTimeoutMs?: number;
  /** Deadline of the paid reservation, which may wait for a cold start, milliseconds. Default 60,000. */
  readonly reserveTimeoutMs?: number;
  /** How long a runner may be not ready before the session counts as lost, milliseconds. Default 60,000. */
  readonly notReadyLimitMs?: number;
  /** Default: the system clock. */
  readonly clock?: Clock;
  /** Default: a transport that verifies certificates. Orchestrators with their own need one with `tls: 'pin'`. */
  readonly transport?: Transport;
  /** Default: the system's. */
  readonly random?: Random;
}

/** The times that funding goes by. */
export type FundingCadence = Pick<FundingConfig, 'debitNs' | 'pollNs' | 'minTargetNs' | 'notReadyLimitNs'>;

/** Debit interval of an orchestrator that does not tell (live-runner.md section 13). */
const DEFAULT_DEBIT_MS = 5_000;
const DEFAULT_POLL_MS = 3_000;
const MIN_POLL_MS = 200;
const DEFAULT_NOT_READY_MS = 60_000;
const MIN_TARGET_MS = 15_000;
/** Share of the told interval (funding.md rule 3). */
const POLL_SHARE = 0.6;

/** Longest interval of an orchestrator that is paid ahead, milliseconds; nobody knows who says more. */
export const MAX_TOLD_DEBIT_MS = 60_000;

/**
 * Poll and debit interval for an orchestrator that tells `intervalMs`, or nothing. A shorter interval than the fastest poll
 * allows counts as that: the lead covers it many times over. @throws SessionOptionError
 */
export function cadence(
  options: Pick<OpenSessionOptions, 'pollMs' | 'debitIntervalMs'>,
  intervalMs: number | undefined,
): { readonly pollMs: number; readonly debitMs: number } {
  const toldMs = intervalMs === undefined ? undefined : Math.max(intervalMs, MIN_POLL_MS / POLL_SHARE);
  const debitMs = options.debitIntervalMs ?? toldMs ?? DEFAULT_DEBIT_MS;
  const pollMs =
    options.pollMs ?? (toldMs === undefined ? DEFAULT_POLL_MS : Math.max(MIN_POLL_MS, toldMs * POLL_SHARE));
  const known = options.debitIntervalMs ?? toldMs;
  if (known !== undefined && pollMs >= known) {
    throw new SessionOptionError(`pollMs ${pollMs} must be below the debit interval of ${known} ms`);
  }
  return { pollMs, debitMs };
}

/** The same in nanoseconds, with the limits that funding keeps. @throws SessionOptionError */
export function cadenceOf(options: OpenSessionOptions, toldMs: number | undefined): FundingCadence {
  const ns = (ms: number): bigint => BigInt(Math.ceil(ms * 1e6));
  const { pollMs, debitMs } = cadence(options, toldMs);
  return {
    pollNs: ns(pollMs),
    debitNs: ns(debitMs),
    minTargetNs: ns(minTargetMs(options)),
    notReadyLimitNs: ns(options.notReadyLimitMs ?? DEFAULT_NOT_READY_MS),
  };
}

/** `targetRunwayMs` with its default. */
export const minTargetMs = ({ targetRunwayMs = MIN_TARGET_MS }: OpenSessionOptions): number => targetRunwayMs;

/** The caller's ceiling as an exact price. @throws PriceError or RatioError of `@lp/pricing` */
export function ceilingOf(maxPrice: OpenSessionOptions['maxPrice']): Price | undefined {
  if (maxPrice === undefined) return undefined;
  return 'usd' in maxPrice ? priceFromUsd(maxPrice) : maxPrice;
}

const POSITIVE = [
  'pollMs',
  'targetRunwayMs',
  'debitIntervalMs',
  'maxCandidates',
  'openTimeoutMs',
  'requestTimeoutMs',
  'reserveTimeoutMs',
  'notReadyLimitMs',
] as const;

/** Looks at what can be judged before any traffic. @throws SessionOptionError */
export function checkOptions(options: OpenSessionOptions): void {
  const refuse = (message: string): never => {
    throw new SessionOptionError(message);
  };
  if (options.app.trim() === '' || options.app !== options.app.trim()) refuse('app must be a trimmed name');
  for (const name of POSITIVE) {
    const value = options[name];
    if (value !== undefined && !(Number.isFinite(value) && value > 0)) refuse(`${name} must be above 0`);
  }
  if (options.pollMs !== undefined && options.pollMs < MIN_POLL_MS)
    refuse(`pollMs must be at least ${MIN_POLL_MS}`);
  if (minTargetMs(options) < MIN_TARGET_MS) refuse(`targetRunwayMs must be at least ${MIN_TARGET_MS}`);
  if (options.maxSpend !== undefined && options.maxSpend <= 0n) refuse('maxSpend must be above 0 wei');
  if (options.maxLossOnFailover !== undefined && options.maxLossOnFailover < 0n) {
    refuse('maxLossOnFailover must not be negative');
  }
  if (options.signer === undefined && options.discovery === undefined) {
    refuse('give a signer, or tell where to discover runners');
  }
  cadence(options, undefined);
}
