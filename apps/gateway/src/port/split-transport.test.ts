import { routeTransport, simulatedClock } from '@lp/runtime/testing';
import { describe, expect, it } from 'vitest';
import { splitTransport } from './split-transport.ts';

describe('splitTransport', () => {
  it('sends only what the operator named through the open transport', async () => {
    const named = (name: string) => ({
      ...routeTransport(async () => ({ status: 200, body: name }), { clock: simulatedClock() }),
      close: async () => {},
      [Symbol.asyncDispose]: async () => {},
    });
    const transport = splitTransport({
      trusted: ['http://127.0.0.1:8937/x'],
      open: named('open'),
      guarded: named('guarded'),
    });
    const via = async (url: string) =>
      new TextDecoder().decode((await transport.request({ method: 'GET', url, timeoutMs: 1000 })).body);
    expect(await via('http://127.0.0.1:8937/other')).toBe('open');
    expect(await via('http://127.0.0.1:8938/x')).toBe('guarded');
    expect(await via('https://127.0.0.1:8937/x')).toBe('guarded');
    expect(await via('http://127.0.0.1.evil.example:8937/x')).toBe('guarded');
  });
});
