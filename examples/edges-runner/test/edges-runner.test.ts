import { startTestOrchestrator, type TestOrchestrator } from '@lp/runner/testing';
import { createTransport } from '@lp/runtime';
import { type Frame, publishFrames } from '@lp/trickle';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type EdgesRunner, startEdgesRunner } from '../src/edges-runner.ts';
import { collectEvents, collectFrames, postStream, publishAll } from './client.ts';
import { brightness, squareFrame } from './pictures.ts';

const transport = createTransport();
let orchestrator: TestOrchestrator;
let runner: EdgesRunner;
let frames: Frame[];

beforeAll(async () => {
  frames = await Promise.all(Array.from({ length: 60 }, (_, i) => squareFrame(i + 1)));
});

beforeEach(async () => {
  orchestrator = await startTestOrchestrator({ heartbeatIntervalMs: 500 });
  runner = await startEdgesRunner({
    orchestratorUrl: orchestrator.url,
    secret: 'bootstrap',
    app: 'lp/edges',
    priceUsdPerHour: '0.5',
    capacity: 2,
    host: '127.0.0.1',
    port: 0,
  });
});

afterEach(async () => {
  await runner.close();
  await orchestrator.close();
});

async function openStream(body: unknown = { effect: 'edges' }) {
  const { appUrl, sessionId } = orchestrator.reserve('lp/edges');
  const { status, answer } = await postStream(transport, appUrl, body);
  expect(status).toBe(200);
  return { appUrl, sessionId, urls: answer };
}

describe('a stream', () => {
  it('gives back every picture changed, in order, with number and capture time', async () => {
    const { urls } = await openStream();
    const results = collectFrames(urls.out, transport);
    const events = collectEvents(urls.events, transport);
    await publishAll(urls.in, frames, 20, transport);
    const changed = await results;
    expect(changed.map(({ number, capturedUs }) => [number, capturedUs])).toEqual(
      frames.map(({ number, capturedUs }) => [number, capturedUs]),
    );
    const picture = await brightness(changed[30]!.jpeg);
    // Frame 31 shows the square from x 21 on.
    expect(picture.at(80, 80)).toBeLessThan(20);
    expect(Math.max(picture.at(20, 80), picture.at(21, 80), picture.at(22, 80))).toBeGreaterThan(150);
    expect((await events).at(-1)).toEqual({
      type: 'ended',
      reason: 'input-closed',
      received: 60,
      sent: 60,
      dropped: 0,
      bad: 0,
      lostSegments: 0,
    });
  });

  it('drops the oldest pictures when they come too fast, and says how many', async () => {
    // Large pictures without a pause: reading one takes far less time than changing it.
    const { jpeg } = await squareFrame(1, { width: 1920, height: 1080 });
    const rush = Array.from({ length: 60 }, (_, i) => ({ number: i + 1, capturedUs: 0n, jpeg }));
    const { urls } = await openStream();
    const results = collectFrames(urls.out, transport);
    const events = collectEvents(urls.events, transport);
    await publishAll(urls.in, rush, 0, transport);
    const changed = await results;
    const last = (await events).at(-1)!;
    expect(last['dropped']).toBeGreaterThan(0);
    expect(Number(last['sent']) + Number(last['dropped'])).toBe(60);
    expect(changed).toHaveLength(Number(last['sent']));
    // The newest survives.
    expect(changed.at(-1)?.number).toBe(60);
  });

  it('skips pictures that are none', async () => {
    const { urls } = await openStream({ effect: 'sepia' });
    const results = collectFrames(urls.out, transport);
    const events = collectEvents(urls.events, transport);
    const mixed = frames
      .slice(0, 10)
      .map((frame, i) => (i % 2 === 0 ? frame : { ...frame, jpeg: frame.jpeg.slice(0, 50) }));
    await publishAll(urls.in, mixed, 20, transport);
    expect((await results).map(({ number }) => number)).toEqual([1, 3, 5, 7, 9]);
    expect((await events).at(-1)).toMatchObject({ bad: 5, sent: 5 });
  });

  it('ends with its session', async () => {
    const { urls, sessionId } = await openStream();
    const results = collectFrames(urls.out, transport);
    await using publisher = publishFrames(urls.in, { start: 0, transport });
    await publisher.write(frames[0]!);
    orchestrator.release(sessionId);
    await results;
    await untilStreams(0);
  });

  it('changes its effect, or begins anew after it ended', async () => {
    const { urls, appUrl } = await openStream();
    expect((await postStream(transport, appUrl, { effect: 'invert' })).answer).toEqual(urls);
    const events = collectEvents(urls.events, transport);
    await publishAll(urls.in, frames.slice(0, 1), 0, transport);
    await events;
    await untilStreams(0);
    const again = await postStream(transport, appUrl, {});
    expect(again.status).toBe(200);
    expect(again.answer.in).not.toBe(urls.in);
    const results = collectFrames(again.answer.out, transport);
    await publishAll(again.answer.in, frames.slice(0, 5), 20, transport);
    expect(await results).toHaveLength(5);
  });

  it('is told when the runner stops', async () => {
    const { urls } = await openStream();
    const events = collectEvents(urls.events, transport);
    await runner.close();
    expect((await events).at(-1)).toMatchObject({ type: 'ended', reason: 'shutdown' });
    expect(orchestrator.runners).toEqual([]);
  });
});

describe('its HTTP side', () => {
  it('serves nobody who comes around the orchestrator', async () => {
    const { status, answer } = await postStream(transport, runner.url, { effect: 'edges' });
    expect(status).toBe(403);
    expect(answer.error).toMatchObject({ code: 'no-session' });
  });

  it('refuses an effect that it does not know', async () => {
    const { appUrl } = orchestrator.reserve('lp/edges');
    const { status, answer } = await postStream(transport, appUrl, { effect: 'melt' });
    expect(status).toBe(400);
    expect(answer.error?.message).toContain('effect');
  });

  it('tells operators that it is alive and ready', async () => {
    await openStream();
    expect(await health()).toEqual({ status: 'ok', sessions: 1, streams: 1 });
    const ready = await transport.request({ method: 'GET', url: `${runner.url}/readyz`, timeoutMs: 5_000 });
    expect(ready.status).toBe(200);
  });
});

async function health(): Promise<{ streams: number }> {
  const { body } = await transport.request({ method: 'GET', url: `${runner.url}/healthz`, timeoutMs: 5_000 });
  return JSON.parse(new TextDecoder().decode(body));
}

async function untilStreams(count: number): Promise<void> {
  const end = performance.now() + 10_000;
  while ((await health()).streams !== count) {
    if (performance.now() > end) throw new Error(`not ${count} streams after 10 s`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
