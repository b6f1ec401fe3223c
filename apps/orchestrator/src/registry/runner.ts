import type { O2rChannel } from './o2r.ts';
import type { Registration } from './registration.ts';
import type { RunnerSecrets } from './secrets.ts';
import type { RunnerSession } from './session.ts';

/** One registered runner and its sessions. */
export interface Runner {
  readonly id: string;
  /** How URLs name it: its id, or its label for a static runner routed by label. */
  route: string;
  readonly secrets: RunnerSecrets;
  registration: Registration;
  readonly sessions: Map<string, RunnerSession>;
  /** How its life is watched: heartbeats, or probes of a health URL. */
  readonly life:
    | { readonly kind: 'dynamic'; lastBeatNs: bigint; readonly o2r: O2rChannel }
    | { readonly kind: 'static'; health: HealthProbe; healthy: boolean };
}

/** Where and how a static runner's health is asked (live-runner.md section 5). */
export interface HealthProbe {
  readonly url: string;
  readonly healthyStatusCode: number;
}

/** Whether a runner takes sessions and answers for those it has. */
export const isReady = (runner: Runner): boolean =>
  runner.registration.ready && (runner.life.kind === 'dynamic' || runner.life.healthy);
