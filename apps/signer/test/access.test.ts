import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { call, offerText, startTestSigner } from './signer-fixture.ts';

const KEY = 'correct-horse-battery-staple';
let folder: string;
let keys: string[];
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lp-signer-'));
  const path = join(folder, 'keys');
  await writeFile(path, `# callers\ngateway ${KEY}\n`, { mode: 0o600 });
  keys = ['--api-keys-file', path];
});
afterAll(() => rm(folder, { recursive: true }));

test('without keys it listens on loopback only', async () => {
  await expect(startTestSigner({ flags: ['--host', '0.0.0.0'] })).rejects.toThrow(
    expect.objectContaining({ code: 'open-listener', exitCode: 2 }),
  );
});

test('with keys every API route asks for one, and health does not', async () => {
  await using signer = await startTestSigner({ flags: [...keys, '--host', '0.0.0.0'] });
  const body = JSON.stringify({ orchestrator: offerText(), type: 'live' });
  const calls: [string, RequestInit][] = [
    ['/generate-live-payment', { method: 'POST', body }],
    ['/sign-orchestrator-info', { method: 'POST' }],
    ['/discover-orchestrators', {}],
    ['/nowhere', {}],
  ];
  for (const [path, init] of calls) {
    for (const authorization of [undefined, 'Bearer wrong-horse-battery-staple', KEY]) {
      const headers: Record<string, string> = authorization === undefined ? {} : { authorization };
      const answer = await call(`${signer.url}${path}`, { ...init, headers });
      expect(answer).toMatchObject({ status: 401, json: { error: { code: 'unauthorized' } } });
      expect(answer.headers.get('www-authenticate')).toBe('Bearer');
    }
  }
  expect(await call(`${signer.url}/healthz`)).toMatchObject({ status: 200 });
  const headers = { authorization: `Bearer ${KEY}` };
  expect(await signer.post('/generate-live-payment', body, headers)).toMatchObject({ status: 200 });
  expect(signer.lines.join('')).toContain('"caller":"gateway"');
  expect(signer.lines.join('')).not.toContain(KEY);
});

test('the OpenAPI document says where a caller is asked for', async () => {
  await using signer = await startTestSigner({ flags: keys });
  const { json } = await call(`${signer.url}/openapi.json`, { headers: { 'x-api-key': KEY } });
  for (const [path, methods] of Object.entries<Record<string, { responses: object }>>(json.paths)) {
    for (const [method, { responses }] of Object.entries(methods)) {
      const { status } = await call(`${signer.url}${path}`, { method: method.toUpperCase() });
      expect(Object.keys(responses).includes('401'), path).toBe(status === 401);
    }
  }
});

test('without keys, pages of other sites and rebound names are refused', async () => {
  await using signer = await startTestSigner();
  const origin = { origin: 'https://evil.example' };
  expect(await signer.post('/sign-orchestrator-info', '', origin)).toMatchObject({
    status: 403,
    json: { error: { code: 'foreign-origin' } },
  });
  expect(await statusWithHost(signer.url, 'evil.example')).toBe(403);
  expect(await statusWithHost(signer.url, 'localhost:1234')).toBe(200);
});

test('CORS is for listed origins only, and shows the refresh header', async () => {
  await using signer = await startTestSigner({ flags: [...keys, '--cors-origins', 'https://app.example'] });
  const preflight = (origin: string) =>
    call(`${signer.url}/generate-live-payment`, {
      method: 'OPTIONS',
      headers: { origin, 'access-control-request-method': 'POST' },
    });
  const allowed = await preflight('https://app.example');
  expect(allowed.status).toBe(204);
  expect(allowed.headers.get('access-control-allow-origin')).toBe('https://app.example');
  expect(allowed.headers.get('access-control-allow-headers')).toContain('authorization');
  expect((await preflight('https://evil.example')).headers.get('access-control-allow-origin')).toBeNull();
  const answer = await signer.post('/sign-orchestrator-info', '', {
    origin: 'https://app.example',
    authorization: `Bearer ${KEY}`,
  });
  expect(answer.status).toBe(200);
  expect(answer.headers.get('access-control-expose-headers')).toBe('Livepeer-Orchestrator-URL');
});

/** Status of a call with a Host header of its own, which fetch would not send. */
function statusWithHost(url: string, host: string): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const outgoing = request(`${url}/healthz`, { headers: { host }, agent: false }, (response) => {
      response.resume();
      resolve(response.statusCode);
    });
    outgoing.on('error', reject).end();
  });
}

test('Signer-Auth-Id counts from trusted proxies only, and stays with the session (H8)', async () => {
  const path = join(folder, 'proxies');
  const proxyKey = 'proxy-horse-battery-staple';
  await writeFile(path, `gateway ${KEY}\nedge ${proxyKey}\n`, { mode: 0o600 });
  await using signer = await startTestSigner({
    flags: ['--api-keys-file', path, '--trusted-proxies', 'edge'],
  });
  const pay = (body: object, headers: Record<string, string>) =>
    signer.post(
      '/generate-live-payment',
      { orchestrator: offerText(), type: '', inPixels: 5, ...body },
      headers,
    );
  const authIdOf = (answer: { json: { state: { State: string } } }) =>
    (JSON.parse(atob(answer.json.state.State)) as { AuthID: string }).AuthID;
  const fresh = (byte: string) =>
    offerText({
      ticketParams: {
        recipient: `0x${'bb'.repeat(20)}`,
        faceValue: 105n,
        winProb: (2n ** 256n - 1n) / 3n,
        recipientRandHash: `0x${byte.repeat(32)}`,
        seed: 7n,
        expirationBlock: 1040n,
      },
    });
  const next = (answer: { json: { state: unknown } }, byte: string) => ({
    state: answer.json.state,
    ManifestID: '9f8e7d6c',
    inPixels: 100,
    orchestrator: fresh(byte),
  });

  const own = await pay({}, { 'x-api-key': KEY, 'signer-auth-id': 'alice' });
  expect(authIdOf(own)).toBe('gateway'); // not a proxy: what it states does not count
  const alice = await pay(
    { orchestrator: fresh('31') },
    { 'x-api-key': proxyKey, 'signer-auth-id': 'alice' },
  );
  expect(authIdOf(alice)).toBe('alice');
  expect(signer.lines.join('')).toContain('"caller":"alice"');

  const changed = { status: 500, json: { error: { code: 'auth-id-changed' } } };
  expect(await pay(next(alice, '32'), { 'x-api-key': proxyKey, 'signer-auth-id': 'bob' })).toMatchObject(
    changed,
  );
  expect(await pay(next(alice, '32'), { 'x-api-key': proxyKey })).toMatchObject(changed); // nor left out
  expect(await pay(next(alice, '32'), { 'x-api-key': KEY })).toMatchObject(changed);
  expect(await pay(next(alice, '32'), { 'x-api-key': proxyKey, 'signer-auth-id': 'alice' })).toMatchObject({
    status: 200,
  });
  expect(await pay({}, { 'x-api-key': proxyKey, 'signer-auth-id': 'a'.repeat(300) })).toMatchObject({
    status: 400,
  });
  // what a caller sent, and what its proxy added instead of replacing it
  const twice = { 'x-api-key': proxyKey, 'signer-auth-id': ['mallory', 'alice'] };
  const status = await new Promise((resolve, reject) => {
    const outgoing = request(
      `${signer.url}/sign-orchestrator-info`,
      { method: 'POST', headers: twice, agent: false },
      (response) => {
        response.resume();
        resolve(response.statusCode);
      },
    );
    outgoing.on('error', reject).end();
  });
  expect(status).toBe(400);
});
