import { readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { runningGateway } from '../../test/running-gateway.ts';

const KEY = 'key-of-alice-0001';

describe('security', () => {
  it('lets no foreign page and no rebound name spend money', async () => {
    await using gateway = await runningGateway();
    const post = (headers: Record<string, string>) =>
      gateway.server.inject({
        method: 'POST',
        url: '/sessions',
        payload: { app: 'x' },
        headers: { host: '127.0.0.1:1', ...headers },
      });
    expect((await post({ origin: 'https://evil.example' })).json().code).toBe('foreign-origin');
    expect((await post({ host: 'evil.example' })).json().code).toBe('foreign-host');
    expect((await post({ 'sec-fetch-site': 'cross-site' })).json().code).toBe('foreign-origin');
    expect(gateway.port.opened).toHaveLength(0);
    expect((await post({ host: 'gateway.example', origin: 'https://app.example' })).statusCode).toBe(201);
  });

  it('asks for a key everywhere but on the page, its description and health, and keeps owners apart', async () => {
    await using gateway = await runningGateway({ keys: `alice ${KEY}\nbob key-of-bob-000001` });
    for (const path of ['/', '/healthz', '/readyz', '/openapi.json']) {
      expect([path, (await fetch(gateway.url + path)).status]).toEqual([path, 200]);
    }
    for (const path of [
      '/sessions',
      '/runners',
      '/metrics',
      '/settings',
      '/sessions/x/events',
      '/sessions?docs/',
      '/nowhere',
    ]) {
      expect([path, (await fetch(gateway.url + path)).status]).toEqual([path, 401]);
    }
    const alice = { authorization: `Bearer ${KEY}` };
    const bob = { authorization: 'Bearer key-of-bob-000001' };
    const { body } = await gateway.call('POST', '/sessions', { app: 'x' }, alice);
    expect((await gateway.call('DELETE', `/sessions/${body.id}`, undefined, bob)).status).toBe(410);
    expect((await gateway.call('GET', '/sessions', undefined, bob)).body.sessions).toEqual([]);
    expect((await gateway.call('GET', '/sessions', undefined, alice)).body.sessions).toHaveLength(1);
  });

  it('sends a strict content security policy', async () => {
    await using gateway = await runningGateway();
    const { headers } = await fetch(`${gateway.url}/`);
    expect(headers.get('content-security-policy')).toContain(
      "default-src 'self';script-src 'self';style-src 'self'",
    );
    expect(headers.get('content-security-policy')).not.toContain('unsafe');
    expect(headers.get('x-content-type-options')).toBe('nosniff');
  });

  it('limits bodies', async () => {
    await using gateway = await runningGateway();
    const { status, body } = await gateway.call('POST', '/sessions', {
      app: 'x',
      params: { pad: 'x'.repeat(70_000) },
    });
    expect([status, body.code]).toEqual([413, 'too-large']);
  });
});

describe('description', () => {
  it('is OpenAPI 3.1 of every route, with a page', async () => {
    await using gateway = await runningGateway();
    const { body } = await gateway.call('GET', '/openapi.json');
    expect(body.openapi).toBe('3.1.0');
    expect(Object.keys(body.paths).toSorted()).toEqual([
      '/runners',
      '/sessions',
      '/sessions/{id}',
      '/sessions/{id}/events',
    ]);
    // The file is for readers and client generators: a change of it is a change of the API (LP_UPDATE_OPENAPI=1 renews it).
    const file = new URL('../../openapi.json', import.meta.url);
    if (process.env['LP_UPDATE_OPENAPI'] !== undefined) writeFileSync(file, JSON.stringify(body, null, 2));
    expect(body).toEqual(JSON.parse(readFileSync(file, 'utf8')));
    expect((await fetch(`${gateway.url}/docs`)).status).toBe(200);
    expect((await gateway.call('GET', '/readyz')).body).toEqual({
      status: 'ready',
      checks: { signer: { ok: true } },
    });
  });
});
