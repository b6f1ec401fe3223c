import * as z from 'zod/mini';
import { goDurationMs } from './go-duration.ts';
import { appName, capacity, metadata, runnerGpu, runnerMode, runnerUrl } from './runner-fields.ts';
import { rule } from './scalars.ts';

const optionalText = z.exactOptional(z.string());

/**
 * Body of `POST /runners/heartbeat` (live-runner.md section 4.1). Fields stand in upstream's order of checks.
 * `price_info` is left unread, because an off-chain orchestrator ignores it: read it with `runnerPrice`.
 */
export const heartbeatRequest = z.object({
  runner_id: optionalText,
  label: optionalText,
  proxy: z.exactOptional(z.boolean()),
  runner_url: runnerUrl,
  app: appName,
  version: optionalText,
  metadata: z.exactOptional(metadata),
  /** Empty or `ready`: takes sessions; anything else: does not. */
  status: z.exactOptional(
    z.string().check(rule((text) => text === text.trim().toLowerCase(), 'status must be trimmed lower case')),
  ),
  mode: z._default(runnerMode, 'persistent'),
  gpu: z.exactOptional(runnerGpu),
  capacity: z._default(capacity, 1),
  price_info: z.exactOptional(z.unknown()),
  session_ids: z.exactOptional(z.array(z.string())),
});

/** Where the orchestrator tells a runner of its sessions (live-runner.md section 4.3). */
export const o2rChannel = z.object({
  name: z.string(),
  channel_name: z.string(),
  url: z.string(),
  mime_type: z.string(),
});

/** Body of the heartbeat's 200. Intervals are in milliseconds here, Go durations on the wire. */
export const heartbeatResponse = z.object({
  runner_id: z.string().check(z.minLength(1, { error: 'must not be empty' })),
  /** Base URL for the next heartbeats. */
  orchestrator: optionalText,
  heartbeat_interval: z._default(goDurationMs, 5_000),
  heartbeat_ttl: z._default(goDurationMs, 20_000),
  /** Only when this call created the runner. */
  heartbeat_secret: optionalText,
  /** Only when this call created the runner. */
  o2r: z.exactOptional(o2rChannel),
  /** The sessions that the orchestrator knows, oldest first. */
  session_ids: z._default(z.array(z.string()), []),
});

/** One segment of the o2r channel (live-runner.md section 4.3). */
export const o2rMessage = z.union([
  z.object({ keep: z.literal('alive') }),
  z.object({
    event: z.enum(['reserved', 'released']),
    session: z.string(),
    /** RFC 3339, UTC. */
    timestamp: z.exactOptional(z.string()),
  }),
]);

/** What a runner tells with each heartbeat. */
export type HeartbeatRequest = z.output<typeof heartbeatRequest>;
/** What it is told back. */
export type HeartbeatResponse = z.output<typeof heartbeatResponse>;
/** A keep-alive, or a session that began or ended. */
export type O2rMessage = z.output<typeof o2rMessage>;
