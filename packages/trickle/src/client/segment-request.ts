import { backoff, type HttpStream, TransportError } from '@lp/runtime';
import { SEGMENT_UNAVAILABLE } from '../headers.ts';
import { answeredLatest, answeredSeq, failureOf, isClosed } from './answer.ts';
import type { ChannelUrl } from './channel-url.ts';
import { TrickleError } from './errors.ts';
import type { ClientPorts } from './options.ts';

/** Why a subscription ended. */
export type EndReason =
  /** The channel was closed. */
  | 'closed'
  /** The channel does not exist (any more). */
  | 'not-found'
  /** The caller's signal. */
  | 'aborted'
  /** The caller left the iteration. */
  | 'left'
  /** Iterating threw a `TrickleError`. */
  | 'failed';

/** What a request for a segment leads to. */
export type SegmentFound =
  | { readonly seq: number; readonly stream: HttpStream; readonly end?: undefined }
  | { readonly end: EndReason };

/** Counters that requests move. */
export interface RequestCounters {
  retries: number;
  empty: number;
  jumps: number;
}

/** What all requests of a subscription share. */
export interface RequestContext {
  readonly url: ChannelUrl;
  readonly ports: ClientPorts;
  readonly signal: AbortSignal;
  /** Silence after which the same GET is made again. */
  readonly silentMs: number;
  readonly attempts: number;
  readonly counters: RequestCounters;
}

const TOO_EARLY_MS = 250;
/** Answers in a row that bring no byte and are followed up at once; a server that goes on like that is asked slowly. */
const EMPTY_AT_ONCE = 5;
const BACKOFF = { baseMs: 500, maxMs: 2_000 };

/** Closes a body that nobody reads. */
export const discard = async (stream: HttpStream): Promise<void> => {
  await stream.body[Symbol.asyncIterator]().return?.();
};

/** One GET; a silent one is made again: the server may wait for as long as the publisher does. */
export const getSegment = async (context: RequestContext, index: number): Promise<HttpStream> => {
  for (;;) {
    try {
      return await context.ports.transport.stream({
        method: 'GET',
        url: context.url.at(index),
        timeoutMs: context.silentMs,
        signal: context.signal,
      });
    } catch (error) {
      // Not while it was still connecting: that is a server which can not be reached.
      const silent = error instanceof TransportError && error.code === 'timeout' && error.sent;
      if (!silent) throw error;
    }
  }
};

/** Finds segment `wanted`, or what comes instead of it (trickle.md section 4.2). Throws `TrickleError`. */
export const findSegment = async (context: RequestContext, wanted: number): Promise<SegmentFound> => {
  const { url, ports, signal, attempts, counters } = context;
  let index = wanted;
  let tooEarly = 0;
  let failures = 0;
  let fruitless = 0;
  let lastFailure: unknown;
  while (!signal.aborted) {
    try {
      if (fruitless > EMPTY_AT_ONCE) await ports.clock.sleep(TOO_EARLY_MS, signal);
      fruitless += 1;
      const stream = await getSegment(context, index);
      const { status, headers } = stream;
      if (status === 200 && !isClosed(headers)) {
        const seq = answeredSeq(headers);
        if (seq === undefined) {
          await discard(stream);
          throw new TrickleError('protocol', `${url.origin} does not speak trickle`);
        }
        if (headers['content-length'] !== '0') return { seq, stream };
        await discard(stream);
        counters.empty += 1;
        index = seq + 1;
        failures = 0;
        continue;
      }
      await discard(stream);
      const latest = answeredLatest(headers);
      if (status === SEGMENT_UNAVAILABLE && !isClosed(headers) && latest !== undefined) {
        const early = index >= 0 && latest < index;
        tooEarly = early ? tooEarly + 1 : 0;
        if (!early || tooEarly >= attempts) {
          // Fallen out of the window, or the publisher went back: on from the live edge.
          if (index === latest) failures += 1;
          index = latest;
          counters.jumps += 1;
          tooEarly = 0;
          if (failures === 0) continue;
        }
        if (failures < attempts) {
          await ports.clock.sleep(TOO_EARLY_MS, signal);
          continue;
        }
      }
      const failure = failureOf(url.origin, { status, headers });
      if (failure?.code === 'closed' || failure?.code === 'not-found') return { end: failure.code };
      if (status < 500) throw failure;
      lastFailure = failure;
    } catch (error) {
      if (signal.aborted) break;
      if (!(error instanceof TransportError)) throw error;
      if (error.code === 'invalid-url' || error.code === 'forbidden-address') throw error;
      lastFailure = error;
    }
    failures += 1;
    if (failures >= attempts) {
      throw new TrickleError('unreachable', `no segment from ${url.origin} in ${failures} attempts`, {
        cause: lastFailure,
      });
    }
    counters.retries += 1;
    await ports.clock
      .sleep(backoff(failures - 1, { ...BACKOFF, random: ports.random }), signal)
      .catch(() => {});
  }
  return { end: 'aborted' };
};
