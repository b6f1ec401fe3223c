import type { Logger } from 'pino';
import type { RunningService } from './run-service.ts';

/**
 * Reloads a service, one reload at a time; calls that come meanwhile are one more reload after it. While it starts,
 * the reload follows the start: what was read for that may be older than the call.
 */
export function reloader(
  log: Logger,
  service: {
    readonly running: () => RunningService | undefined;
    readonly started: Promise<RunningService>;
  },
): () => void {
  let work: Promise<void> | undefined;
  let again = false;
  const ready = (): RunningService | Promise<RunningService> => {
    const running = service.running();
    if (running === undefined) log.info('reloading once it has started');
    return running ?? service.started;
  };
  const reload = async (): Promise<void> => {
    try {
      const running = await ready();
      await running.reload?.();
      log.info('reloaded');
    } catch (error) {
      log.error({ err: error }, 'reload failed; everything stays as it was');
    }
    work = undefined;
    if (again) {
      again = false;
      work = reload();
    }
  };
  return () => {
    if (work === undefined) work = reload();
    else again = true;
  };
}
