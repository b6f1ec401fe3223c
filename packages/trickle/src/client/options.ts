import {
  type Clock,
  createTransport,
  type Random,
  systemClock,
  systemRandom,
  type Transport,
  type UploadTransport,
} from '@lp/runtime';

/** HTTP with or without uploads: without, a segment is sent as a whole when it is closed. */
export type TrickleTransport = Transport & Partial<UploadTransport>;

/** What publishers and subscribers share. */
export interface TrickleClientOptions {
  /** Default: one transport of this module with default settings. */
  readonly transport?: TrickleTransport;
  readonly clock?: Clock;
  /** Spreads retries. */
  readonly random?: Random;
  readonly signal?: AbortSignal;
}

/** The ports with their defaults. */
export interface ClientPorts {
  readonly transport: TrickleTransport;
  readonly clock: Clock;
  readonly random: Random;
}

let shared: TrickleTransport | undefined;

export const clientPorts = (options: TrickleClientOptions): ClientPorts => ({
  transport: options.transport ?? (shared ??= createTransport()),
  clock: options.clock ?? systemClock,
  random: options.random ?? systemRandom,
});
