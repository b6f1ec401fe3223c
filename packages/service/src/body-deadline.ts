import { type Clock, systemClock } from '@lp/runtime';
import type { FastifyInstance } from 'fastify';

/** A request whose body is awaited. */
interface Arriving {
  destroy(): unknown;
}

/**
 * Ends connections whose request body is not complete `ms` milliseconds (at most twice that) after its headers, however
 * steadily it trickles in. Routes that take the body as a stream are not concerned: theirs is handed over at once.
 */
export function limitBodyTime(server: FastifyInstance, ms: number, clock: Clock = systemClock): void {
  const stop = new AbortController();
  // Two generations instead of a timer for each request: what is still there when its generation is the older one goes.
  let young = new Set<Arriving>();
  let old = new Set<Arriving>();
  server.addHook('preParsing', (request, _reply, payload, done) => {
    const { 'content-length': length, 'transfer-encoding': encoding } = request.headers;
    if ((length !== undefined && length !== '0') || encoding !== undefined) young.add(request.raw);
    done(null, payload);
  });
  server.addHook('preValidation', (request, _reply, done) => {
    if (!young.delete(request.raw)) old.delete(request.raw);
    done();
  });
  const sweep = async (): Promise<void> => {
    while (!stop.signal.aborted) {
      try {
        await clock.sleep(ms, stop.signal);
      } catch {
        return; // the only rejection is the stop itself
      }
      for (const request of old) request.destroy();
      old = young;
      young = new Set();
    }
  };
  server.addHook('onListen', async () => void sweep());
  server.addHook('onClose', async () => stop.abort(new Error('the server is closed')));
}
