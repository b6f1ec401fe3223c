import { createHash } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseRunnerList } from '@lp/discovery';
import { routeTransport } from '@lp/runtime/testing';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { discoveryBody, discoveryEntries } from '../src/discovery/discovery-answer.ts';
import { offerText, startTestSigner, type TestSigner } from './signer-fixture.ts';

// Everything around a payment's body: headers, paths, queries, and the answers of webhook, issuer and orchestrators.

const KEY = 'correct-horse-battery-staple';
const WEBHOOK = 'https://webhook.example/';
const said = { webhook: '' as string | Uint8Array };

let folder: string;
let withKeys: TestSigner;
let withWebhook: TestSigner;
const transport = routeTransport(({ url }) => ({ body: url === WEBHOOK ? said.webhook : '[]' }));
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lp-fuzz-'));
  const line = `edge sha256:${createHash('sha256').update(KEY).digest('hex')}`;
  await writeFile(join(folder, 'keys'), line, { mode: 0o600 });
  const keys = ['--api-keys-file', join(folder, 'keys'), '--trusted-proxies', 'edge'];
  const jwt = ['--jwt-issuer', 'https://issuer.example', '--jwt-audience', 'lp'];
  withKeys = await startTestSigner({ flags: [...keys, ...jwt], transport });
  withWebhook = await startTestSigner({
    flags: [
      '--webhook-url',
      WEBHOOK,
      '--orchestrators',
      'https://o.example',
      '--discovery-interval-ms',
      '1000',
    ],
    transport,
  });
});
afterAll(async () => {
  await withKeys[Symbol.asyncDispose]();
  await withWebhook[Symbol.asyncDispose]();
  await rm(folder, { recursive: true });
});

/** Any bytes that Node sends as a header value. */
const headerValue = fc.string({
  unit: fc
    .integer({ min: 0x20, max: 0xff })
    .filter((code) => code !== 0x7f)
    .map((code) => String.fromCharCode(code)),
  maxLength: 300,
});

/** A call over a socket of its own, with nothing added and nothing checked; resolves to status and body. */
function raw(
  url: string,
  options: { method: string; path: string; headers?: Record<string, string>; body?: string },
) {
  const { hostname, port } = new URL(url);
  const { method, path, headers = {}, body = '' } = options;
  return new Promise<{ status: number; text: string }>((resolve, reject) => {
    const outgoing = request({ hostname, port, method, path, headers, agent: false }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (more: string) => (text += more));
      response.on('end', () => resolve({ status: response.statusCode ?? 0, text }));
    });
    outgoing.on('error', reject).end(body);
  });
}

test.each([
  'authorization',
  'x-api-key',
  'signer-auth-id',
  'x-request-id',
  'content-type',
  'origin',
  'cookie',
])('any %s is answered with a documented status', async (name) => {
  await fc.assert(
    fc.asyncProperty(headerValue, fc.boolean(), async (value, known) => {
      const headers = { ...(known && { 'x-api-key': KEY }), [name]: value };
      const body = JSON.stringify({ orchestrator: offerText(), type: 'live' });
      const { status } = await raw(withKeys.url, {
        method: 'POST',
        path: '/generate-live-payment',
        headers,
        body,
      });
      expect([200, 400, 401, 403]).toContain(status);
    }),
    { numRuns: 60 },
  );
});

test('tokens of any form are 401 or, without the keys of the issuer, 503', async () => {
  const part = fc.oneof(
    fc.base64String(),
    fc.jsonValue().map((value) => Buffer.from(JSON.stringify(value)).toString('base64url')),
    fc.constant('eyJhbGciOiJSUzI1NiJ9'),
  );
  await fc.assert(
    fc.asyncProperty(part, part, part, async (...parts) => {
      const headers = { authorization: `Bearer ${parts.join('.')}` };
      const { status } = await raw(withKeys.url, {
        method: 'POST',
        path: '/sign-orchestrator-info',
        headers,
      });
      expect([401, 503]).toContain(status);
    }),
    { numRuns: 100 },
  );
});

test('any path, method and query is answered without 500', async () => {
  const path = fc.oneof(
    fc.webPath(),
    fc.webQueryParameters().map((query) => `/discover-orchestrators?${query}`),
    fc
      .string({ unit: fc.constantFrom('a', '/', '%', '2', 'F', '?', '=', '&', '+', '.', '~'), maxLength: 60 })
      .map((text) => `/discover-orchestrators?caps=${text}`),
    fc.constantFrom(
      '/generate-live-payment',
      '/sign-orchestrator-info',
      '/openapi.json',
      '/healthz',
      '//',
      '/%00',
      '/%',
    ),
  );
  const method = fc.constantFrom('GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS');
  await fc.assert(
    fc.asyncProperty(path, method, async (at, how) => {
      const { status } = await raw(withKeys.url, { method: how, path: at, headers: { 'x-api-key': KEY } });
      expect([200, 204, 400, 404, 405, 414, 503]).toContain(status); // 503: no runner is known here
    }),
    { numRuns: 200 },
  );
});

test('whatever the webhook says, the caller gets its status or 500, and never a payment by mistake', async () => {
  const answer = fc.oneof(
    fc.json(),
    fc.uint8Array({ maxLength: 300 }),
    fc
      .record(
        {
          status: fc.oneof(fc.integer({ min: -5, max: 1200 }), fc.jsonValue()),
          reason: fc.oneof(fc.string({ unit: 'binary' }), fc.jsonValue()),
          expiry: fc.oneof(fc.maxSafeInteger(), fc.jsonValue()),
          auth_id: fc.oneof(fc.string({ unit: 'binary' }), fc.jsonValue()),
          maxPrice: fc.oneof(
            fc.record({ price: fc.jsonValue(), currency: fc.string(), unit: fc.string() }),
            fc.jsonValue(),
          ),
        },
        { requiredKeys: [] },
      )
      .map((value) => JSON.stringify(value)),
  );
  await fc.assert(
    fc.asyncProperty(answer, async (text) => {
      said.webhook = text;
      const body = JSON.stringify({ orchestrator: offerText(), type: 'live' });
      // not by fetch: it takes some statuses, such as 407, for a broken connection
      const path = '/generate-live-payment';
      const { status } = await raw(withWebhook.url, { method: 'POST', path, body });
      let stated: unknown;
      try {
        stated = (
          JSON.parse(typeof text === 'string' ? text : new TextDecoder().decode(text)) as { status?: unknown }
        ).status;
      } catch {
        stated = undefined;
      }
      const possible = [stated === 200 ? 200 : 500, 500, 502, 481, stated];
      expect(possible).toContain(status);
      if (status === 200) expect(stated).toBe(200);
    }),
    { numRuns: 300 },
  );
});

test('whatever orchestrators list, discovery can be answered', () => {
  const price = fc.oneof(
    fc.record({
      price: fc.jsonValue(),
      currency: fc.constant('wei'),
      unit: fc.constantFrom('seconds', 'fixed'),
    }),
    fc.jsonValue(),
  );
  const runner = fc.record(
    {
      url: fc.oneof(fc.webUrl(), fc.jsonValue()),
      app: fc.oneof(fc.string(), fc.jsonValue()),
      metadata: fc.oneof(fc.string({ unit: 'binary' }), fc.jsonValue()),
      gpu: fc.jsonValue(),
      capacity: fc.jsonValue(),
      age_ms: fc.oneof(fc.maxSafeNat(), fc.jsonValue()),
      last_seen: fc.oneof(
        fc.date().map((date) => date.toJSON()),
        fc.maxSafeNat(),
        fc.jsonValue(),
      ),
      price_info: price,
    },
    { requiredKeys: [] },
  );
  const entry = fc.record({
    address: fc.oneof(fc.webUrl(), fc.jsonValue()),
    runners: fc.oneof(fc.array(runner), fc.jsonValue()),
  });
  fc.assert(
    fc.property(fc.oneof(fc.array(entry), fc.jsonValue()), (list) => {
      try {
        const { offers } = parseRunnerList(JSON.stringify(list), 0);
        const none = { state: 'none', news: undefined } as const;
        const runners = { state: 'answered', news: { value: offers, ageMs: 0 } } as const;
        const known = [{ url: 'https://o.example', runners, capabilities: none }];
        const rules = { ceilings: [], capabilityCeilings: () => [], nowMs: 0 };
        JSON.parse(discoveryBody(discoveryEntries(known, rules)));
      } catch (error) {
        expect(error).toMatchObject({ name: 'WireError' }); // the list as a whole: what was known stays
      }
    }),
    { numRuns: 500 },
  );
});
