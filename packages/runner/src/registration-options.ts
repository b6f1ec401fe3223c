import {
  decodeWith,
  type HeartbeatRequest,
  heartbeatRequest,
  type RunnerPrice,
  runnerPrice,
  WireError,
} from '@lp/protocol';
import type { Clock, Random, Transport } from '@lp/runtime';
import { baseUrl } from './base-url.ts';
import { RegistrationError } from './runner-error.ts';

/** What a runner tells of itself, and how it reaches its orchestrator. */
export interface RegistrationOptions {
  /** Base URL of the orchestrator. */
  readonly orchestrator: string;
  /** The orchestrator's bootstrap secret. Sent to `orchestrator` only. */
  readonly secret: string;
  /** Where the orchestrator reaches this runner. */
  readonly runnerUrl: string;
  /** Application id that clients ask for, for example `lp/edges`. */
  readonly app: string;
  /** Price in USD, exact decimal text, per `unit` (default `hour`). Needed by an on-chain orchestrator. */
  readonly price?: { readonly usd: string; readonly unit?: RunnerPrice['unit'] };
  /** Sessions at the same time; default 1. */
  readonly capacity?: number;
  /** Default `persistent`. */
  readonly mode?: 'persistent' | 'single-shot';
  /** Keeps the runner's URLs across restarts. Default: a new id from the orchestrator. */
  readonly runnerId?: string;
  readonly label?: string;
  readonly version?: string;
  /** Public text for clients, at most 1024 bytes. */
  readonly metadata?: string;
  readonly gpu?: NonNullable<HeartbeatRequest['gpu']>;
  /** Asks for a URL of its own for each session (live-runner.md section 10.2). */
  readonly proxy?: boolean;
  /** Time until the first registration has to succeed, in milliseconds; default 60 s. */
  readonly openTimeoutMs?: number;
  /** Told of everything that happens. What it throws becomes an uncaught exception; the registration goes on. */
  readonly onEvent?: (event: RunnerEvent) => void;
  /** Aborting it closes the registration. */
  readonly signal?: AbortSignal;
  readonly transport?: Transport;
  readonly clock?: Clock;
  readonly random?: Random;
}

/** Why a session is over for the runner. */
export type ReleaseReason =
  /** The orchestrator said so: stopped by either side, or out of money. */
  | 'released'
  /** Missing from the orchestrator's list, so the message about its end was lost. */
  | 'reconciled'
  /** The orchestrator forgot this runner; it was registered again. */
  | 'runner-lost'
  /** This registration was closed. */
  | 'closed';

/** What happens to a registered runner. */
export type RunnerEvent =
  | { readonly type: 'registered'; readonly runnerId: string; readonly again: boolean }
  | { readonly type: 'reserved'; readonly sessionId: string }
  | { readonly type: 'released'; readonly sessionId: string; readonly reason: ReleaseReason }
  /** The loop goes on; `message` is why this beat failed. */
  | { readonly type: 'heartbeat-failed'; readonly message: string; readonly status?: number }
  /** The orchestrator no longer knows this runner; it registers again. */
  | { readonly type: 'lost'; readonly status: number }
  /** No more messages about sessions until the next registration; heartbeats still tell. */
  | { readonly type: 'messages-ended'; readonly message: string }
  | { readonly type: 'closed' };

/**
 * The heartbeat body of the options, without what changes from beat to beat.
 *
 * @throws RegistrationError `invalid-option`
 */
export function describeRunner(options: RegistrationOptions): HeartbeatRequest {
  if (baseUrl(options.orchestrator) === undefined) throw invalid('orchestrator must be an http(s) URL');
  if (options.secret.trim() === '' || /[^\x21-\x7e]/.test(options.secret)) {
    throw invalid('secret must be printable ASCII without spaces');
  }
  const { price, runnerId, label, version, metadata, gpu, proxy } = options;
  try {
    return decodeWith(heartbeatRequest, {
      ...(runnerId !== undefined && { runner_id: runnerId }),
      ...(label !== undefined && { label }),
      ...(proxy !== undefined && { proxy }),
      runner_url: options.runnerUrl,
      app: options.app,
      ...(version !== undefined && { version }),
      ...(metadata !== undefined && { metadata }),
      ...(options.mode !== undefined && { mode: options.mode }),
      ...(gpu !== undefined && { gpu }),
      ...(options.capacity !== undefined && { capacity: options.capacity }),
      ...(price !== undefined && {
        price_info: decodeWith(runnerPrice, { price: price.usd, unit: price.unit ?? 'hour' }),
      }),
    });
  } catch (cause) {
    if (cause instanceof WireError) throw invalid(cause.message, cause);
    throw cause;
  }
}

function invalid(message: string, cause?: unknown): RegistrationError {
  return new RegistrationError('invalid-option', message, { cause });
}
