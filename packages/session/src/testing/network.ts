import { type Clock, type HttpRequest, type Random, type Transport, TransportError } from '@lp/runtime';
import { type RouteReply, routeTransport } from '@lp/runtime/testing';

/** One host of the network. */
export interface Peer {
  readonly origin: string;
  handle(request: HttpRequest): Promise<RouteReply>;
  /** Connections are refused. */
  readonly down: boolean;
}

/** What goes wrong on the way. All chances are out of 1. */
export interface Faults {
  /** A message is lost, on its way there or back. */
  readonly loss: number;
  /** Largest delay of one exchange, milliseconds. */
  readonly delayMs: number;
  /** A request arrives twice; the first answer counts. */
  readonly duplicate: number;
  /** Share of the losses where nothing is heard until the caller gives up; the others are resets. */
  readonly hang: number;
  /** Milliseconds after a loss without another one: bounds the outage. */
  readonly quietMs: number;
}

/** A network that works. */
export const NO_FAULTS: Faults = { loss: 0, delayMs: 0, duplicate: 0, hang: 0, quietMs: 0 };

/** Connects to the peers in this process; `faults` may be changed at any time. */
export interface TestNetwork {
  readonly transport: Transport;
  faults: Faults;
  /** Requests that were lost in one direction or the other. */
  readonly losses: number;
}

const RESET_MS = 20;

/** A number in [0, 1). */
const unit = (random: Random): number => {
  const [a = 0, b = 0, c = 0] = random.bytes(3);
  return (a * 65_536 + b * 256 + c) / 16_777_216;
};

/** The network between a session and its peers: delay, loss in either direction, duplicates, refused connections. */
export function testNetwork(
  peers: readonly Peer[],
  { clock, random, faults = NO_FAULTS }: { clock: Clock; random: Random; faults?: Faults },
): TestNetwork {
  let lastLossMs = Number.NEGATIVE_INFINITY;
  let losses = 0;
  const lost = (url: string): TransportError =>
    new TransportError('connection-lost', 'connection reset', { url, sent: true });

  const handle = async (request: HttpRequest & { readonly signal: AbortSignal }): Promise<RouteReply> => {
    const { url } = request;
    const { origin } = new URL(url);
    const peer = peers.find((one) => one.origin === origin);
    if (peer === undefined || peer.down) {
      throw new TransportError('connect', 'connection refused', { url, sent: false });
    }
    const { loss, delayMs, duplicate, hang, quietMs } = network.faults;
    const there = (unit(random) * delayMs) / 2;
    const back = (unit(random) * delayMs) / 2;
    const fate = unit(random);
    const nowMs = Number(clock.monotonicNs() / 1_000_000n);
    const isLost = fate < loss && nowMs - lastLossMs >= quietMs;
    const arrives = unit(random) < 0.5;
    const hangs = unit(random) < hang;
    const twice = unit(random) < duplicate;
    if (isLost) {
      lastLossMs = nowMs;
      losses += 1;
    }
    if (there > 0) await clock.sleep(there);
    if (isLost && !arrives) return breakOff(hangs, request, url);
    if (peer.down) throw lost(url);
    const reply = await peer.handle(request);
    // The copy arrives when the original has been answered; nobody reads its answer.
    if (twice)
      void clock
        .sleep(back + 50)
        .then(() => peer.handle(request))
        .catch(() => {});
    if (back > 0) await clock.sleep(back);
    return isLost ? breakOff(hangs, request, url) : reply;
  };

  /** A connection that is reset, or that says nothing until the caller gives up. */
  const breakOff = async (hangs: boolean, request: { signal: AbortSignal }, url: string): Promise<never> => {
    if (!hangs) await clock.sleep(RESET_MS);
    else {
      await new Promise<void>((resolve) => {
        if (request.signal.aborted) resolve();
        else request.signal.addEventListener('abort', () => resolve(), { once: true });
      });
    }
    throw lost(url);
  };

  const network: TestNetwork = {
    transport: routeTransport(handle, { clock }),
    faults,
    get losses() {
      return losses;
    },
  };
  return network;
}
