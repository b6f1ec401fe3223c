import type { Metrics, RunningService, Supervision } from '@lp/service';
import type { FromWorker, ToWorker } from './messages.ts';
import { WORKER_PORTS } from './messages.ts';

/** A worker's line to its supervisor. */
export interface WorkerLink extends Supervision {
  /** Where to listen, whatever the options say: all workers share these. */
  readonly ports: { readonly port: number; readonly adminPort: number };
  /** Resolves when this worker is the one that does what one does for all, or when `signal` aborts. */
  turn(signal: AbortSignal): Promise<void>;
  /** What shows the metrics of all processes; `own` are this one's. */
  aggregate(own: Metrics): { readonly registry: Pick<Metrics['registry'], 'contentType' | 'metrics'> };
}

/** The line of this process; `undefined` where no supervisor started it. */
export function workerLink(): WorkerLink | undefined {
  const [port, adminPort] = (process.env[WORKER_PORTS] ?? '').split(' ').map(Number);
  if (port === undefined || adminPort === undefined || process.send === undefined) return undefined;
  const stop = new AbortController();
  const turn = Promise.withResolvers<void>();
  const asked = new Map<number, (text: string) => void>();
  let questions = 0;
  let reload: (() => void) | undefined;
  let metrics: Metrics | undefined;
  // fails when the supervisor is gone, and then this process ends too
  const tell = (message: FromWorker) => void process.send?.(message, undefined, undefined, () => {});
  const measure = async (id: number): Promise<void> => {
    const measured = (await metrics?.registry.getMetricsAsJSON()) ?? [];
    tell({ kind: 'measured', id, metrics: measured });
  };
  // the supervisor is this very program
  process.on('message', (message: ToWorker) => {
    switch (message.kind) {
      case 'stop':
        return stop.abort(new Error('the supervisor ends its workers'));
      case 'reload':
        return reload?.();
      case 'turn':
        return turn.resolve();
      case 'measure':
        return void measure(message.id);
      case 'aggregated':
        asked.get(message.id)?.(message.text);
        return void asked.delete(message.id);
    }
  });
  return {
    ports: { port, adminPort },
    stop: stop.signal,
    onReload: (call) => void (reload = call),
    started: ({ url, also }: RunningService) =>
      tell({ kind: 'started', url, adminUrl: also?.['admin'] ?? '' }),
    async turn(signal) {
      const ended = Promise.withResolvers<void>();
      signal.addEventListener('abort', () => ended.resolve(), { once: true });
      await Promise.race([turn.promise, ended.promise]);
    },
    aggregate(own) {
      metrics = own;
      return {
        registry: {
          contentType: own.registry.contentType,
          metrics: () =>
            new Promise((resolve) => {
              const id = ++questions;
              asked.set(id, resolve); // the supervisor answers within its deadline
              tell({ kind: 'aggregate', id });
            }),
        },
      };
    },
  };
}
