import { type Clock, deadline, type Transport } from '@lp/runtime';
import { type Frame, publishFrames, subscribeFrames, type TrickleTransport } from '@lp/trickle';
import { matchEdges } from './edges-check.ts';
import type { PictureSource } from './picture-source.ts';

/** What went through the runner. */
export interface Exchange {
  readonly sent: number;
  /** Came back in order with the right picture. */
  readonly received: number;
  /** From capture to arrival, of each received frame; milliseconds. */
  readonly latenciesMs: readonly number[];
  /** What was wrong with single frames; the first ones. */
  readonly faults: readonly string[];
}

const SEGMENT_MS = 500;
/** After the last frame was sent: the runner's queue, two segments, and a busy machine. */
const DRAIN_MS = 10_000;
const MAX_FAULTS = 10;
const MICROSECONDS = 1_000n;

/**
 * Publishes pictures on the channel `in` at a steady rate for `seconds`, reads `out`, and checks every frame that comes
 * back: its number, its place in the order, its capture time, and that it shows the edges of what was sent.
 *
 * @throws TrickleError when a channel fails; what the source throws; the signal's reason
 */
export async function exchangeFrames(options: {
  readonly channels: { readonly in: string; readonly out: string };
  readonly source: PictureSource;
  readonly seconds: number;
  readonly fps: number;
  readonly clock: Clock;
  readonly transport: Transport & TrickleTransport;
  readonly signal: AbortSignal;
}): Promise<Exchange> {
  const { channels, source, seconds, fps, clock, transport } = options;
  const stop = new AbortController();
  const signal = AbortSignal.any([options.signal, stop.signal]);
  const ports = { clock, transport, signal };
  const onTheWay = new Map<number, Frame>();
  const latenciesMs: number[] = [];
  const faults: string[] = [];
  let sent = 0;
  let received = 0;

  const check = async (frame: Frame): Promise<string | undefined> => {
    const original = onTheWay.get(frame.number);
    if (original === undefined) return `frame ${frame.number} was not sent, or came before, or out of order`;
    // Frames keep their order: what is older than this one is lost.
    for (const number of onTheWay.keys()) if (number <= frame.number) onTheWay.delete(number);
    if (frame.capturedUs !== original.capturedUs) return `frame ${frame.number} has another capture time`;
    try {
      const { deviation, limit } = await matchEdges(original.jpeg, frame.jpeg);
      if (deviation <= limit) return undefined;
      return `frame ${frame.number} is not the edges of what was sent: ${deviation.toFixed(1)} > ${limit.toFixed(1)}`;
    } catch (error) {
      return `frame ${frame.number}: ${String(error)}`;
    }
  };

  const read = async (): Promise<void> => {
    let checking = Promise.resolve();
    for await (const frame of subscribeFrames(channels.out, { from: 0, ...ports })) {
      const latencyMs = Number(nowUs(clock) - frame.capturedUs) / 1_000;
      // Checked beside the reading, one after the other: a check must not make later frames look late.
      checking = checking.then(async () => {
        const fault = await check(frame);
        if (fault === undefined) {
          received += 1;
          latenciesMs.push(latencyMs);
        } else if (faults.length < MAX_FAULTS) faults.push(fault);
      });
    }
    await checking;
  };

  const write = async (): Promise<void> => {
    await using publisher = publishFrames(channels.in, { start: 0, segmentMs: SEGMENT_MS, ...ports });
    const total = Math.round(seconds * fps);
    const startNs = clock.monotonicNs();
    for (let number = 0; number < total; number++) {
      const jpeg = await source.next();
      if (jpeg === undefined) return;
      const dueNs = startNs + BigInt(Math.round((number * 1e9) / fps));
      const earlyMs = Number(dueNs - clock.monotonicNs()) / 1e6;
      if (earlyMs > 0) await clock.sleep(earlyMs, signal);
      const frame: Frame = { number, capturedUs: nowUs(clock), jpeg };
      onTheWay.set(number, frame);
      await publisher.write(frame);
      sent += 1;
    }
  };

  const reading = read();
  try {
    // A reader that fails ends the writing; one that merely ends has lost the rest, which the counts show.
    await Promise.race([write(), failureOf(reading)]);
    using drain = deadline(DRAIN_MS, signal, clock);
    await Promise.race([reading, aborted(drain.signal)]);
  } finally {
    stop.abort(new Error('the exchange is over'));
    await reading.catch(() => {}); // told by failureOf, or it is our own abort
  }
  options.signal.throwIfAborted();
  return { sent, received, latenciesMs, faults };
}

const nowUs = (clock: Clock): bigint => BigInt(clock.wallMs()) * MICROSECONDS;

/** Rejects when the work does and never resolves. */
const failureOf = (work: Promise<unknown>): Promise<never> =>
  new Promise((_resolve, reject) => {
    work.catch(reject);
  });

const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
