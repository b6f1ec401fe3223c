import { once } from 'node:events';
import { encodeFrame } from '@lp/trickle';
import { describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { jpeg } from '../../test/fake-media.ts';
import { type RunningGateway, runningGateway } from '../../test/running-gateway.ts';
import { readPicture } from '../media/frame-message.ts';

const KEY = 'key-of-alice-0001';

class Client {
  readonly socket: WebSocket;
  readonly frames: Buffer[] = [];
  // oxlint-disable-next-line typescript/no-explicit-any -- tests look at any shape
  readonly messages: any[] = [];
  readonly closed: Promise<number>;

  constructor(url: string, protocols: string[] = ['lp-frames'], headers: Record<string, string> = {}) {
    this.socket = new WebSocket(url.replace('http', 'ws'), protocols, { headers });
    this.closed = once(this.socket, 'close').then(([code]) => code as number);
    this.socket.on('error', () => {});
    this.socket.on('message', (data: Buffer, binary) => {
      if (binary) this.frames.push(data);
      else this.messages.push(JSON.parse(data.toString()));
      this.socket.emit('something');
    });
  }

  async until(done: () => boolean): Promise<void> {
    while (!done()) await once(this.socket, 'something');
  }
}

async function opened(gateway: RunningGateway, headers: Record<string, string> = {}): Promise<string> {
  const { body } = await gateway.call('POST', '/sessions', { app: 'x' }, headers);
  return `${gateway.url}/sessions/${body.id}/frames`;
}

async function refusal(url: string, protocols?: string[], headers?: Record<string, string>): Promise<number> {
  const { socket } = new Client(url, protocols, headers);
  const [, response] = await once(socket, 'unexpected-response');
  return response.statusCode;
}

describe('WS /sessions/{id}/frames', () => {
  it('sends pictures through the app and gives frames back, to the publisher and to viewers', async () => {
    await using gateway = await runningGateway();
    gateway.media.transform = (frame) => ({ ...frame, jpeg: jpeg(...frame.jpeg.subarray(2), 99) });
    const url = await opened(gateway);
    const publisher = new Client(url);
    const viewer = new Client(url);
    await Promise.all([publisher, viewer].map((client) => client.until(() => client.messages.length > 0)));
    publisher.socket.send(jpeg(1));
    publisher.socket.send(encodeFrame({ number: 77, capturedUs: 1_700_000_000_000_123n, jpeg: jpeg(2) }));
    await Promise.all([publisher, viewer].map((client) => client.until(() => client.frames.length === 2)));
    const pictures = viewer.frames.map((frame) => ({ ...readPicture(frame), number: frame.readUInt32BE(4) }));
    expect(pictures.map(({ jpeg: bytes, number }) => [number, [...bytes!]])).toEqual([
      [0, [0xff, 0xd8, 1, 99]],
      [1, [0xff, 0xd8, 2, 99]],
    ]);
    expect(pictures[1]?.capturedUs).toBe(1_700_000_000_000_123n);
    expect(publisher.socket.protocol).toBe('lp-frames');
    const { body } = await gateway.call('GET', '/sessions');
    expect(body.sessions[0]).toMatchObject({
      clients: 2,
      frames: { received: 2, published: 2, returned: 2, droppedInput: 0 },
    });
    expect(body.sessions[0].frames.latencyMsP50).toBeGreaterThanOrEqual(0);
  });

  it('has one publisher until it leaves', async () => {
    await using gateway = await runningGateway();
    const url = await opened(gateway);
    const first = new Client(url);
    const second = new Client(url);
    await Promise.all([first, second].map((client) => client.until(() => client.messages.length > 0)));
    first.socket.send(jpeg(1));
    await first.until(() => first.frames.length === 1);
    second.socket.send(jpeg(2));
    await second.until(() =>
      second.messages.some(({ type, code }) => type === 'refused' && code === 'publisher-taken'),
    );
    expect(gateway.media.published).toHaveLength(1);
    first.socket.close();
    await first.closed;
    while (gateway.table.all()[0]!.clients > 1) await new Promise(setImmediate);
    second.socket.send(jpeg(3));
    await second.until(() => second.frames.length === 2);
  });

  it('does not let a socket that sent no picture keep the others from publishing', async () => {
    await using gateway = await runningGateway();
    const url = await opened(gateway);
    const noisy = new Client(url);
    const publisher = new Client(url);
    await Promise.all([noisy, publisher].map((client) => client.until(() => client.messages.length > 0)));
    noisy.socket.send(Buffer.from('GIF89a'));
    await noisy.until(() => noisy.messages.some(({ code }) => code === 'not-a-picture'));
    publisher.socket.send(jpeg(1));
    await publisher.until(() => publisher.frames.length === 1);
  });

  it('leaves out the oldest pictures while the network does not take them', async () => {
    await using gateway = await runningGateway();
    const gate = Promise.withResolvers<void>();
    gateway.media.gate = gate.promise;
    const publisher = new Client(await opened(gateway));
    await publisher.until(() => publisher.messages.length > 0);
    for (let number = 0; number < 12; number += 1) publisher.socket.send(jpeg(number));
    const [session] = gateway.table.all();
    while (session!.bridge.counters().received < 12) await new Promise(setImmediate);
    gate.resolve();
    await publisher.until(() => publisher.frames.length === 5);
    // The first was on its way; of the rest the newest four were kept.
    expect(gateway.media.published.map(({ jpeg: bytes }) => bytes[2])).toEqual([0, 8, 9, 10, 11]);
    expect(session!.bridge.counters()).toMatchObject({ received: 12, droppedInput: 7, published: 5 });
  });

  it('refuses what is no picture, and ends a socket that sends too much at once', async () => {
    await using gateway = await runningGateway();
    const client = new Client(await opened(gateway));
    await client.until(() => client.messages.length > 0);
    client.socket.send(Buffer.from('GIF89a'));
    await client.until(() => client.messages.some(({ code }) => code === 'not-a-picture'));
    client.socket.send(jpeg(...new Uint8Array(5000)));
    expect(await client.closed).toBe(1009);
    expect(gateway.media.published).toHaveLength(0);
  });

  it('tells every socket the receipt and closes it when the session ends', async () => {
    await using gateway = await runningGateway();
    const client = new Client(await opened(gateway));
    await client.until(() => client.messages.length > 0);
    gateway.port.opened[0]?.end('insufficient-balance');
    expect(await client.closed).toBe(1000);
    expect(client.messages.at(-1)).toMatchObject({
      type: 'closed',
      reason: 'insufficient-balance',
      receipt: { paid: { wei: '5000000000000000' } },
    });
  });

  it('is limited in number, knows its sessions, hosts and origins', async () => {
    await using gateway = await runningGateway({ maxSockets: 1 });
    const url = await opened(gateway);
    expect(await refusal(url.replace(/s-[0-9a-f]+/, 's-none'))).toBe(410);
    expect(await refusal(url, undefined, { origin: 'https://evil.example' })).toBe(403);
    expect(await refusal(url, undefined, { host: 'evil.example' })).toBe(403);
    const first = new Client(url, ['lp-frames'], { origin: gateway.url });
    await first.until(() => first.messages.length > 0);
    expect(await refusal(url)).toBe(429);
    first.socket.close();
    await first.closed;
    while (gateway.table.all()[0]!.clients > 0) await new Promise(setImmediate);
    const again = new Client(url);
    await again.until(() => again.messages.length > 0);
  });

  it('takes the key as a subprotocol, never echoes it, and keeps owners apart', async () => {
    await using gateway = await runningGateway({ keys: `alice ${KEY}\nbob key-of-bob-000001` });
    const url = await opened(gateway, { authorization: `Bearer ${KEY}` });
    const encoded = (key: string) => `lp-key.${Buffer.from(key).toString('base64url')}`;
    expect(await refusal(url)).toBe(401);
    expect(await refusal(url, ['lp-frames', encoded('key-of-nobody-0001')])).toBe(401);
    expect(await refusal(url, ['lp-frames', encoded('key-of-bob-000001')])).toBe(410);
    const client = new Client(url, ['lp-frames', encoded(KEY)]);
    await client.until(() => client.messages.length > 0);
    expect(client.socket.protocol).toBe('lp-frames');
  });
});
