import { type Clock, systemClock } from '@lp/runtime';

/** The user, the system, or the death of the parent process ended the run. */
export class StoppedError extends Error {
  override readonly name = 'StoppedError';
  readonly code = 'stopped';
  /** 128 + the signal's number, as shells have it. */
  readonly exitCode: number;

  constructor(why: string, exitCode: number) {
    super(why);
    this.exitCode = exitCode;
  }
}

const SIGNALS = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const;
const PARENT_POLL_MS = 500;

/**
 * A signal that aborts with {@link StoppedError} at Ctrl-C, SIGTERM, SIGHUP, or when the parent process is gone. A
 * second Ctrl-C ends this process at once; the guard then ends the children.
 */
export function stopSignal(clock: Clock = systemClock): AbortSignal {
  const stop = new AbortController();
  for (const [name, exitCode] of Object.entries(SIGNALS)) {
    process.on(name, () => {
      if (stop.signal.aborted) process.exit(exitCode);
      stop.abort(new StoppedError(`stopped by ${name}`, exitCode));
    });
  }
  void watchParent(clock, stop);
  return stop.signal;
}

/** Without this a killed npm would leave the network running with nobody to stop it. */
async function watchParent(clock: Clock, stop: AbortController): Promise<void> {
  const parent = process.ppid;
  while (!stop.signal.aborted && process.ppid === parent) {
    try {
      await clock.sleep(PARENT_POLL_MS, stop.signal);
    } catch {
      return; // stopped: nothing else rejects a sleep
    }
  }
  stop.abort(new StoppedError('the parent process ended', SIGNALS.SIGHUP));
}
