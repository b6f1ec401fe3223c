import { computed, signal } from '@preact/signals';
import type { Listing, Problem, Receipt, Session, SessionEvent, Settings, Status } from './api-types.ts';
import type { SourceKind } from './source.ts';

/** What the page shows. One session at a time. */
export const settings = signal<Settings | null>(null);
/** True once the gateway has asked for an API key. */
export const needsKey = signal(false);
export const listing = signal<Listing | null>(null);
export const phase = signal<'idle' | 'opening' | 'open' | 'closing'>('idle');
export const session = signal<Session | null>(null);
export const status = signal<Status | null>(null);
export const receipt = signal<Receipt | null>(null);
export const problem = signal<Problem | null>(null);
/** Newest first, at most `MAX_EVENTS`. */
export const events = signal<readonly SessionEvent[]>([]);
/** Seconds since the start and runway in seconds, one point for each status. */
export const history = signal<{ readonly at: readonly number[]; readonly runway: readonly number[] }>({
  at: [],
  runway: [],
});
export const latencyMs = signal<number | null>(null);
export const outputFps = signal(0);
/** False while the page has lost the gateway itself. */
export const gatewayReachable = signal(true);

/** What the person chose. */
export const app = signal('');
export const source = signal<SourceKind>('pattern');
export const params = signal('{}');
export const maxSpendEth = signal('');

export const apps = computed(() => [...new Set(listing.value?.runners.map((runner) => runner.app) ?? [])]);
export const running = computed(() => phase.value === 'open' || phase.value === 'closing');

export const MAX_EVENTS = 200;
const MAX_POINTS = 300;

export function addEvent(event: SessionEvent): void {
  events.value = [event, ...events.value].slice(0, MAX_EVENTS);
}

export function addStatus(next: Status, atSeconds: number): void {
  status.value = next;
  if (next.runwaySeconds === null) return;
  const { at, runway } = history.value;
  history.value = {
    at: [...at, atSeconds].slice(-MAX_POINTS),
    runway: [...runway, next.runwaySeconds].slice(-MAX_POINTS),
  };
}

/** Forgets the last session. */
export function clearSession(): void {
  session.value = null;
  status.value = null;
  receipt.value = null;
  problem.value = null;
  events.value = [];
  history.value = { at: [], runway: [] };
  latencyMs.value = null;
  outputFps.value = 0;
}
