import type { Clock, Transport } from '@lp/runtime';
import { publishTo, type TricklePublisher } from '@lp/trickle';

/** What happened to the pictures of one stream so far. */
export interface StreamCounts {
  /** Pictures read. */
  readonly received: number;
  /** Pictures published. */
  readonly sent: number;
  /** Pictures given up because newer ones were waiting. */
  readonly dropped: number;
  /** Pictures that were not a JPEG, or too large. */
  readonly bad: number;
  /** Segments that were lost or ended inside a picture. */
  readonly lostSegments: number;
}

const STATS_MS = 1_000;
const KEEPALIVE_MS = 10_000;

/**
 * Tells a client how its stream fares, on the `events` channel: one line of JSON per segment, counts at most once a
 * second and only when they changed, a keep-alive after ten quiet seconds (trickle.md section 5). What cannot be told
 * is left out: the pictures matter more.
 */
export class StreamReport {
  readonly #publisher: TricklePublisher;
  readonly #clock: Clock;
  readonly #counts: () => StreamCounts;
  #told = '';
  #toldAtNs: bigint;

  constructor(url: string, options: { clock: Clock; transport: Transport; counts: () => StreamCounts }) {
    const { clock, transport, counts } = options;
    this.#publisher = publishTo(url, {
      start: 0,
      contentType: 'application/json',
      clock,
      transport,
      stallMs: 5_000,
    });
    this.#clock = clock;
    this.#counts = counts;
    this.#toldAtNs = clock.monotonicNs();
  }

  /** Tells until the signal aborts or the channel is gone. Never rejects. */
  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted && this.#publisher.ended === undefined) {
      const stats = JSON.stringify({ type: 'stats', ...this.#counts() });
      const quietMs = Number((this.#clock.monotonicNs() - this.#toldAtNs) / 1_000_000n);
      if (stats !== this.#told) {
        await this.#send(stats);
        this.#told = stats;
      } else if (quietMs >= KEEPALIVE_MS) {
        await this.#send('{"keep":"alive"}');
      }
      await this.#clock.sleep(STATS_MS, signal).catch(() => {});
    }
  }

  /** The last line, with the final counts; then the channel ends. Never rejects. */
  async end(reason: string): Promise<void> {
    await this.#send(JSON.stringify({ type: 'ended', reason, ...this.#counts() }));
    await this.#publisher.close();
  }

  async #send(line: string): Promise<void> {
    this.#toldAtNs = this.#clock.monotonicNs();
    await this.#publisher.send(`${line}\n`).catch(() => {});
  }
}
