import { simulatedClock } from '@lp/runtime/testing';
import { describe, expect, it } from 'vitest';
import { type RunningGateway, runningGateway } from '../../test/running-gateway.ts';

/** Reads an event stream as text, part by part. */
async function openStream(gateway: RunningGateway, id: string, lastEventId?: number) {
  const stop = new AbortController();
  const response = await fetch(`${gateway.url}/sessions/${id}/events`, {
    signal: stop.signal,
    headers: lastEventId === undefined ? {} : { 'last-event-id': String(lastEventId) },
  });
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
  let text = '';
  return {
    response,
    stop: () => stop.abort(),
    /** Reads until `pattern` has come, or the stream's end. */
    async until(pattern: RegExp): Promise<string> {
      while (!pattern.test(text)) {
        const part = await reader!.read();
        if (part.done) break;
        text += part.value;
      }
      return text;
    },
  };
}

/** Matches nothing: reads to the end of the stream. */
const NEVER = /(?!)/;

const open = async (gateway: RunningGateway): Promise<string> =>
  (await gateway.call('POST', '/sessions', { app: 'x' })).body.id;

describe('GET /sessions/{id}/events', () => {
  it('gives the log with ids and a status that is not resumed', async () => {
    await using gateway = await runningGateway();
    const id = await open(gateway);
    const stream = await openStream(gateway, id);
    expect(stream.response.headers.get('content-type')).toBe('text/event-stream');
    expect(await stream.until(/event: status\ndata: .*\n\n/)).toMatch(
      /^retry: 2000\n\nid: 1\nevent: opened\ndata: \{"id":1,"at":"[^"]+","type":"opened"/,
    );
    gateway.port.opened[0]?.emit({ type: 'payment' });
    const text = await stream.until(/id: 2\n.*\n.*\n\n/);
    expect(text).toContain(
      '"type":"payment","paidWei":"5000000000000000","payments":2,"tickets":3,"runwaySeconds":20}',
    );
    expect(text).not.toMatch(/id: \d+\nevent: status/);
    await gateway.call('DELETE', `/sessions/${id}`);
    expect(await stream.until(NEVER)).toMatch(
      /id: 3\nevent: closed\ndata: .*"reason":"closed-by-caller"\}\n\n$/,
    );
  });

  it('resumes after Last-Event-ID, and ends an EventSource with 204 when nothing can follow', async () => {
    await using gateway = await runningGateway();
    const id = await open(gateway);
    gateway.port.opened[0]?.emit({ type: 'payment' });
    await gateway.call('DELETE', `/sessions/${id}`);
    const text = await (await openStream(gateway, id, 1)).until(NEVER);
    expect(text).not.toContain('id: 1\n');
    expect(text).toContain('event: closed');
    expect((await openStream(gateway, id, 99_999)).response.status).toBe(200);
    const last = Number(/id: (\d+)\nevent: closed/.exec(text)?.[1]);
    expect((await openStream(gateway, id, last)).response.status).toBe(204);
  });

  it('counts as a client while connected, and sends heartbeats', async () => {
    const clock = simulatedClock();
    await using gateway = await runningGateway({ clock, limits: { idleMs: 5000 } });
    const id = await open(gateway);
    const stream = await openStream(gateway, id);
    await stream.until(/event: status/);
    await clock.advance(20_000);
    expect(await stream.until(/: still here/)).toContain(': still here\n\n');
    expect(gateway.table.openCount).toBe(1);
    stream.stop();
    while (gateway.table.all()[0]!.clients > 0) await new Promise(setImmediate);
    await clock.advance(6000);
    expect(gateway.table.openCount).toBe(0);
  });

  it('refuses more streams than the limit', async () => {
    await using gateway = await runningGateway({ maxSockets: 1 });
    const id = await open(gateway);
    const first = await openStream(gateway, id);
    expect((await openStream(gateway, id)).response.status).toBe(429);
    first.stop();
  });

  it('ends when the gateway closes', async () => {
    const gateway = await runningGateway();
    const stream = await openStream(gateway, await open(gateway));
    await stream.until(/status/);
    await gateway.table.closeAll('shutdown');
    await gateway.server.close();
    expect(await stream.until(NEVER)).toContain('"reason":"shutdown"');
  });
});
