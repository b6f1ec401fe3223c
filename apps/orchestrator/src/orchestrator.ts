import type { Random, Transport } from '@lp/runtime';
import type { ChannelHost } from './channels/host.ts';
import type { PaymentDesk } from './payments/desk.ts';
import type { ExchangeRate } from './prices/rate.ts';
import type { Registry } from './registry/registry.ts';

/** The URLs under which the orchestrator is reached; without a trailing slash. */
export interface OrchestratorUrls {
  /** By clients (live-runner.md section 1, service URI). */
  readonly service: string;
  /** By runners (live runner URI). */
  readonly runner: string;
}

/** The parts that the HTTP routes put together. */
export interface Orchestrator {
  readonly registry: Registry;
  readonly desk: PaymentDesk;
  readonly rate: ExchangeRate;
  readonly channels: ChannelHost;
  readonly transport: Transport;
  readonly random: Random;
  /** Known once the listener has its port. */
  readonly urls: () => OrchestratorUrls;
  readonly log: (level: 'info' | 'warn' | 'error', message: string, fields?: Record<string, unknown>) => void;
}

/** Path under which trickle channels are served. */
export const TRICKLE_PATH = '/ai/trickle';
