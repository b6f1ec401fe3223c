import type { Clock, Transport } from '@lp/runtime';
import type { CheckResult } from '@lp/service';

const EVERY_MS = 1500;
const TIMEOUT_MS = 1000;
/** Failures in a row that count: one may be a hiccup. */
const LOST_AFTER = 2;

/** What a watch works with. */
export interface SignerWatchOptions {
  readonly url: string;
  readonly transport: Transport;
  readonly clock: Clock;
  /** It looks only while somebody needs the signer. */
  readonly needed: () => boolean;
  readonly lost: (cause: string) => void;
  readonly back: () => void;
}

/**
 * Notices within a few seconds that the signer is gone. A session with enough runway asks its signer too rarely to
 * notice; its people should know before the runway ends. Any HTTP answer counts as alive.
 */
export class SignerWatch {
  readonly #options: SignerWatchOptions;
  #failures = 0;

  constructor(options: SignerWatchOptions) {
    this.#options = options;
  }

  /** Looks until `signal` aborts. Never rejects. */
  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      if (this.#options.needed()) await this.#look(signal);
      await this.#options.clock.sleep(EVERY_MS, signal).catch(() => {});
    }
  }

  /** One look, for readiness. */
  async check(signal: AbortSignal): Promise<CheckResult> {
    return (await this.#answers(signal)) ? { ok: true } : { ok: false, reason: 'the signer does not answer' };
  }

  async #look(signal: AbortSignal): Promise<void> {
    const before = this.#failures;
    this.#failures = (await this.#answers(signal)) ? 0 : before + 1;
    if (signal.aborted) return;
    if (this.#failures >= LOST_AFTER) this.#options.lost('the signer does not answer');
    if (this.#failures === 0 && before >= LOST_AFTER) this.#options.back();
  }

  async #answers(signal: AbortSignal): Promise<boolean> {
    const { transport, url } = this.#options;
    try {
      await transport.request({
        method: 'GET',
        url: new URL('/healthz', url).href,
        timeoutMs: TIMEOUT_MS,
        signal,
      });
      return true;
    } catch {
      return false;
    }
  }
}
