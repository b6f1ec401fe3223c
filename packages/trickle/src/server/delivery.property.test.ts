import { createTransport } from '@lp/runtime';
import fc from 'fast-check';
import { afterAll, expect, test } from 'vitest';
import { serveTrickle } from '../../test/serve.ts';
import { publishTo, subscribe } from '../index.ts';
import { createTrickleServer } from './index.ts';

const transport = createTransport();
afterAll(() => transport.close());

/** Segments as lists of chunks. */
const plan = fc.array(fc.array(fc.uint8Array({ minLength: 1, maxLength: 40 }), { maxLength: 5 }), {
  minLength: 1,
  maxLength: 12,
});
const join = (chunks: readonly Uint8Array[]): string => Buffer.concat(chunks).toString('hex');

const fullPlan = fc.array(
  fc.array(fc.uint8Array({ minLength: 1, maxLength: 40 }), { minLength: 1, maxLength: 5 }),
  {
    minLength: 1,
    maxLength: 12,
  },
);
/** With the next segment opened ahead, a reader may be this many segments behind (trickle.md section 4.1). */
const WINDOW = 3;

test('a local reader within the window gets exactly the bytes, whatever the interleaving', async () => {
  await fc.assert(
    fc.asyncProperty(fullPlan, fc.scheduler(), async (segments, scheduler) => {
      await using server = createTrickleServer();
      server.create('c');
      const publisher = server.publish('c')!;
      const received: string[] = [];
      const subscription = server.subscribe('c', { from: 0 })!;
      const read = async (): Promise<void> => {
        for await (const segment of subscription) {
          const chunks: Uint8Array[] = [];
          for await (const chunk of segment.chunks) {
            await scheduler.schedule(Promise.resolve(), 'read');
            chunks.push(chunk);
          }
          received[segment.seq] = join(chunks);
          if (segment.seq === segments.length - 1) return;
        }
      };
      const write = async (): Promise<void> => {
        for (const [seq, chunks] of segments.entries()) {
          while (seq - received.length > WINDOW) await scheduler.schedule(Promise.resolve(), 'wait');
          const writer = publisher.segment();
          for (const chunk of chunks) {
            await scheduler.schedule(Promise.resolve(), 'write');
            writer.write(chunk);
          }
          writer.close();
        }
      };
      await scheduler.waitFor(Promise.all([read(), write()]));
      expect(subscription.missed).toBe(0);
      expect(received).toEqual(segments.map(join));
    }),
    { numRuns: 100 },
  );
});

test('over sockets: exactly the bytes, in order, once', async () => {
  await using served = await serveTrickle();
  let run = 0;
  await fc.assert(
    fc.asyncProperty(plan, fc.boolean(), async (segments, streamed) => {
      const name = `c${run++}`;
      served.server.create(name);
      const url = `${served.base}/${name}`;
      const received: string[] = [];
      let wake = (): void => {};
      const reading = (async () => {
        for await (const segment of subscribe(url, { transport, from: 0 })) {
          const chunks: Uint8Array[] = [];
          for await (const chunk of segment.chunks) chunks.push(chunk);
          received.push(join(chunks));
          wake();
        }
      })();
      const used = streamed
        ? transport
        : { request: transport.request.bind(transport), stream: transport.stream.bind(transport) };
      const publisher = publishTo(url, { transport: used, lingerMs: 0, contentType: 'x/y' });
      const expected: string[] = [];
      for (const chunks of segments) {
        const writer = publisher.segment();
        for (const chunk of chunks) await writer.write(chunk);
        await writer.close();
        if (chunks.length > 0) expected.push(join(chunks));
        while (received.length < expected.length) {
          await new Promise<void>((resolve) => {
            wake = resolve;
          });
        }
      }
      await publisher.close();
      await reading;
      expect(received).toEqual(expected);
    }),
    { numRuns: 25 },
  );
});
