import Fastify from 'fastify';
import { expect, test } from 'vitest';
import * as root from './index.ts';
import { publishTo, subscribe } from './index.ts';
import * as serverPath from './server/index.ts';
import { createTrickleServer, trickleRoutes } from './server/index.ts';

// The examples of the README, run.

const exchange = async (url: string): Promise<string> => {
  await using publisher = publishTo(url, { contentType: 'application/json' });
  await publisher.send('{"hello":"world"}');

  for await (const segment of subscribe(url, { from: -2 })) {
    let text = '';
    for await (const chunk of segment.chunks) text += new TextDecoder().decode(chunk);
    return text;
  }
  return '';
};

test('the examples work', async () => {
  const ended: string[] = [];
  const app = Fastify({ forceCloseConnections: true });
  const server = createTrickleServer({ onChannelClosed: ({ name }, end) => ended.push(`${name} ${end}`) });
  await app.register(trickleRoutes(server, { prefix: '/ai/trickle' }));
  server.create('session-1-events', { contentType: 'application/json', owner: 'session-1' });
  const base = await app.listen({ port: 0, host: '127.0.0.1' });
  expect(await exchange(`${base}/ai/trickle/session-1-events`)).toBe('{"hello":"world"}');
  expect(ended).toEqual(['session-1-events deleted']);
  await app.close();
});

test('exports what it promises', () => {
  expect(Object.keys(root).sort()).toEqual([
    'DEFAULT_MAX_JPEG_BYTES',
    'FRAMES_CONTENT_TYPE',
    'FrameDecoder',
    'FrameError',
    'SEGMENT_UNAVAILABLE',
    'TERMINATED',
    'TRICKLE_HEADERS',
    'TrickleError',
    'TricklePublisher',
    'encodeFrame',
    'publishFrames',
    'publishTo',
    'subscribe',
    'subscribeFrames',
  ]);
  expect(Object.keys(serverPath).sort()).toEqual([
    'ChannelRefusedError',
    'LocalWriteError',
    'TrickleHttp',
    'createTrickleServer',
    'trickleRoutes',
  ]);
});
