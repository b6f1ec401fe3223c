import { createTransport, type Transport } from '@lp/runtime';
import { seededRandom } from '@lp/runtime/testing';
import type { TrickleSegment } from '../src/index.ts';
import { serveTrickle } from './serve.ts';

/** The system's transport; whoever uses it closes it. */
export const transport = createTransport();
/** The same without uploads: what a browser has. */
export const wholeOnly: Transport = {
  request: (request) => transport.request(request),
  stream: (request) => transport.stream(request),
};
/** Options of a client over it. */
export const client = { transport, random: seededRandom(1) };

/** All text of a segment. */
export async function textOf(segment: TrickleSegment): Promise<string> {
  let text = '';
  for await (const chunk of segment.chunks) text += Buffer.from(chunk).toString();
  return text;
}

/** A server with a channel `c`. */
export async function withChannel() {
  const served = await serveTrickle();
  served.server.create('c');
  const channel = served.server.open('c');
  if (channel === undefined) throw new Error('no channel');
  return { ...served, channel, url: `${served.base}/c` };
}
