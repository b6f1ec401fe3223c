import { createHash } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { decodeState } from '@lp/pm/sender';
import { createTransport, systemClock, TransportError } from '@lp/runtime';
import { type RouteHandler, routeTransport, simulatedClock } from '@lp/runtime/testing';
import { expect, test } from 'vitest';
import { call, offer, offerText, startTestSigner } from './signer-fixture.ts';

const URL_ = 'https://webhook.example/authorise?key=hidden';

interface Question {
  readonly headers: Record<string, string[]>;
  readonly state: Record<string, unknown>;
}

/** A signer whose webhook answers what the test puts into `answer`. */
async function signerWithWebhook(answer: { current: unknown }, flags: readonly string[] = []) {
  const asked: (Question & { sent: Readonly<Record<string, string>> })[] = [];
  const serve: RouteHandler = ({ url, body, headers = {} }) => {
    if (url !== URL_) return { status: 404 };
    asked.push({ ...(JSON.parse(String(body)) as Question), sent: headers });
    if (answer.current instanceof Error) throw answer.current;
    return typeof answer.current === 'string'
      ? { body: answer.current }
      : { body: JSON.stringify(answer.current) };
  };
  const signer = await startTestSigner({
    flags: ['--webhook-url', URL_, ...flags],
    transport: routeTransport(serve),
  });
  const pay = (body: object = {}, headers: Record<string, string> = { authorization: 'Bearer user-1' }) =>
    signer.post('/generate-live-payment', { orchestrator: offerText(), type: 'live', ...body }, headers);
  return { signer, asked, pay };
}

const inSeconds = (seconds: number) => Math.floor(systemClock.wallMs() / 1000) + seconds;
const stateOf = (answer: { json: { state: { State: string } } }) =>
  decodeState(Buffer.from(answer.json.state.State, 'base64'));
const next = (answer: { json: { state: unknown } }, rand: string) => ({
  state: answer.json.state,
  ManifestID: '9f8e7d6c',
  type: '',
  inPixels: 100,
  orchestrator: offerText({
    ticketParams: {
      recipient: `0x${'bb'.repeat(20)}`,
      faceValue: 105n,
      winProb: (2n ** 256n - 1n) / 3n,
      recipientRandHash: `0x${rand.repeat(32)}`,
      seed: 7n,
      expirationBlock: 1040n,
    },
  }),
});

test('asks with canonical headers and the state after the call, and keeps what it answers', async () => {
  const answer = { current: { status: 200, auth_id: 'client:user-1', expiry: 0, extra: true } };
  const { signer, asked, pay } = await signerWithWebhook(answer);
  await using _ = signer;
  const made = await pay(
    { type: '', inPixels: 5 },
    { authorization: 'Bearer user-1', 'x-two-words': 'a, b' },
  );
  expect(made.status).toBe(200);
  expect(asked).toHaveLength(1);
  const [{ headers, state }] = asked as unknown as [Question];
  expect(headers).toMatchObject({ Authorization: ['Bearer user-1'], 'X-Two-Words': ['a, b'] });
  expect(headers).toHaveProperty('Content-Length');
  expect(headers).not.toHaveProperty('Host');
  expect(Object.keys(state)).toEqual([
    'StateID',
    'PMSessionID',
    'LastUpdate',
    'OrchestratorAddress',
    'App',
    'AuthExpiry',
    'SenderNonce',
    'Balance',
    'InitialPricePerUnit',
    'InitialPixelsPerUnit',
    'Type',
    'SequenceNumber',
    'AuthID',
  ]);
  expect(state).toMatchObject({ SenderNonce: 1, Balance: '20', AuthID: '', SequenceNumber: 0 });
  expect(stateOf(made)).toMatchObject({ authId: 'client:user-1', authExpiry: 0n });
  expect(signer.lines.join('')).toContain('"caller":"client:user-1"');

  const second = await pay(next(made, '21'));
  expect(second.status).toBe(200);
  expect(asked[1]!.state).toMatchObject({ SequenceNumber: 1, AuthID: 'client:user-1' });
});

test('sends its fixed headers, and a signer with keys says who called without giving the key away', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'lp-signer-'));
  const key = 'correct-horse-battery-staple';
  const line = `edge sha256:${createHash('sha256').update(key).digest('hex')}\n`;
  await writeFile(join(folder, 'keys'), line, { mode: 0o600 });
  const answer = { current: { status: 200 } };
  const { signer, asked, pay } = await signerWithWebhook(answer, ['--api-keys-file', join(folder, 'keys')]);
  await using _ = signer;
  expect(await pay({}, {})).toMatchObject({ status: 401 });
  expect(asked).toHaveLength(0);
  expect(
    await pay({}, { 'x-api-key': key, authorization: 'Bearer user-1', 'signer-auth-id': 'made-up' }),
  ).toMatchObject({ status: 200 });
  expect(asked[0]!.headers).toMatchObject({ Authorization: ['Bearer user-1'], 'Signer-Auth-Id': ['edge'] });
  expect(JSON.stringify(asked)).not.toContain(key);
  await rm(folder, { recursive: true });
});

test('until expiry the same credential is not asked about again; another one is, with the same state (H7)', async () => {
  const answer = { current: { status: 200, auth_id: 'u', expiry: inSeconds(600) } as unknown };
  const { signer, asked, pay } = await signerWithWebhook(answer);
  await using _ = signer;
  const first = await pay({ type: '', inPixels: 5 });
  expect(stateOf(first).authExpiry).toBeGreaterThan(0n);
  const second = await pay(next(first, '21'));
  expect(second.status).toBe(200);
  expect(asked).toHaveLength(1);
  expect(stateOf(second)).toMatchObject({ authId: 'u', authExpiry: stateOf(first).authExpiry });

  answer.current = { status: 403, reason: 'who are you' };
  expect(await pay(next(second, '22'), { authorization: 'Bearer thief' })).toMatchObject({
    status: 403,
    json: { error: { message: 'who are you', code: 'webhook-refused' } },
  });
  expect(await pay(next(second, '22'), {})).toMatchObject({ status: 403 });
  expect(asked).toHaveLength(3);
  expect(await pay(next(second, '22'))).toMatchObject({ status: 200 });
  expect(asked).toHaveLength(3);
  expect(await pay({ type: '', inPixels: 5 })).toMatchObject({ status: 403 }); // a new session is always asked about
});

test("without an auth_id a session is the credential's; cookies beside it may change", async () => {
  const { signer, pay } = await signerWithWebhook({ current: { status: 200 } });
  await using _ = signer;
  const authorization = 'Bearer user-1';
  const first = await pay({ type: '', inPixels: 5 }, { authorization, cookie: 'AWSALB=1' });
  const second = await pay(next(first, '31'), { authorization, cookie: 'AWSALB=2' });
  expect(second.status).toBe(200);
  const foreign = { status: 403, json: { error: { code: 'foreign-state' } } };
  expect(await pay(next(second, '32'), { authorization: 'Bearer user-2' })).toMatchObject(foreign);
  const own = await pay({ type: '', inPixels: 5 }, { cookie: 'session=1' });
  expect(await pay(next(own, '33'), { cookie: 'session=2' })).toMatchObject(foreign);
  expect(await pay(next(own, '33'), { cookie: 'session=1' })).toMatchObject({ status: 200 });
});

test('the identity of a session never changes', async () => {
  const answer = { current: { status: 200, auth_id: 'a' } };
  const { signer, pay } = await signerWithWebhook(answer);
  await using _ = signer;
  const first = await pay({ type: '', inPixels: 5 });
  answer.current = { status: 200, auth_id: 'b' };
  expect(await pay(next(first, '21'))).toMatchObject({
    status: 500,
    json: { error: { message: 'Internal Server Error', code: 'auth-id-changed' } },
  });
  expect(signer.lines.join('')).toContain('remote signer auth ID changed');
});

test.each<[unknown, number, string]>([
  [{ status: 483, reason: 'insufficient balance' }, 483, 'insufficient balance'],
  [{ status: 401 }, 401, 'signer auth rejected request with status 401'],
  [{ status: 503, reason: 'billing unavailable' }, 503, 'Service Unavailable Error'],
  [{ status: 500, reason: 'secret' }, 500, 'Internal Server Error'],
  [{ STATUS: 429, Reason: 'slow down' }, 429, 'slow down'],
  [{ status: 99 }, 500, 'Internal Server Error'],
  [{ status: 1000 }, 500, 'Internal Server Error'],
  [{ status: 0 }, 500, 'Internal Server Error'],
  [{ status: -200 }, 500, 'Internal Server Error'],
  [{ status: '200' }, 500, 'Internal Server Error'],
  [{ status: null }, 500, 'Internal Server Error'],
  [{}, 500, 'Internal Server Error'],
  [{ status: 200, expiry: 'tomorrow' }, 500, 'Internal Server Error'],
  [{ status: 200, auth_id: 7 }, 500, 'Internal Server Error'],
  [{ status: 200, auth_id: 'a\0b' }, 500, 'Internal Server Error'],
  [{ status: 200, auth_id: 'a'.repeat(513) }, 500, 'Internal Server Error'],
  [{ status: 200, auth_id: 'a'.repeat(512) }, 200, ''],
  [{ status: 403, auth_id: 'a\0b', maxPrice: 'cheap' }, 403, 'signer auth rejected request with status 403'],
  ['<html>', 500, 'Internal Server Error'],
  ['', 500, 'Internal Server Error'],
  [`{"status":200,"reason":"${'a'.repeat(70_000)}"}`, 500, 'Internal Server Error'],
  [new TransportError('connect', 'no route', { url: URL_, sent: false }), 500, 'Internal Server Error'],
  [
    { status: 200, maxPrice: { price: 2, currency: 'wei', unit: 'seconds' } },
    481,
    'orchestrator price 3.000 exceeds auth webhook maxPrice ceiling 2.000',
  ],
  [{ status: 200, maxPrice: { price: '3', currency: 'WEI', unit: ' Seconds ' } }, 200, ''],
  [
    { status: 200, maxPrice: { price: 0, currency: 'wei', unit: 'seconds' } },
    502,
    'signer auth invalid maxPrice: maxPrice.price must be a positive decimal',
  ],
  [
    { status: 200, maxPrice: { price: 1, currency: 'wei', unit: 'fixed' } },
    502,
    'signer auth invalid maxPrice: maxPrice.unit must be seconds for payment type live',
  ],
  [{ status: 200, maxPrice: 'cheap' }, 502, 'signer auth invalid maxPrice: it is not an object'],
])('an answer of %j is %i to the caller', async (current, status, message) => {
  const { signer, pay } = await signerWithWebhook({ current });
  await using _ = signer;
  const answer = await pay();
  expect(answer.status).toBe(status);
  if (status !== 200) expect(answer.json.error.message).toBe(message);
  expect(signer.lines.join('')).not.toContain('hidden');
});

test('its maxPrice in seconds holds for a price in nanoseconds', async () => {
  const maxPrice = { price: 2_999_999_999, currency: 'wei', unit: 'seconds' };
  const answer = { current: { status: 200, maxPrice } };
  const { signer, pay } = await signerWithWebhook(answer);
  await using _ = signer;
  const { ticketParams } = offer();
  const orchestrator = offerText({
    ticketParams: { ...ticketParams!, faceValue: 10n ** 12n },
  });
  const asked = { orchestrator, lpFunding: { unit: 'nanoseconds' } };
  expect(await pay(asked)).toMatchObject({
    status: 481,
    json: { error: { message: expect.stringContaining('auth webhook maxPrice') as string } },
  });
  maxPrice.price += 1;
  expect(await pay(asked)).toMatchObject({ status: 200 });
});

test('a webhook that does not answer is given 5 seconds', async () => {
  const clock = simulatedClock({ startMs: systemClock.wallMs() });
  const asked = Promise.withResolvers<void>();
  const transport = routeTransport(
    ({ signal }) => {
      asked.resolve();
      return new Promise((_resolve, reject) =>
        signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true }),
      );
    },
    { clock },
  );
  await using signer = await startTestSigner({ flags: ['--webhook-url', URL_], transport, ports: { clock } });
  const answer = signer.post('/generate-live-payment', { orchestrator: offerText(), type: 'live' });
  await asked.promise;
  await clock.advance(4999);
  await clock.advance(1);
  expect(await answer).toMatchObject({ status: 500, json: { error: { code: 'webhook-failed' } } });
});

test('whoever the webhook refuses learns nothing of the request, the state or the price (H16)', async () => {
  const refuse = { current: { status: 401, reason: 'no' } };
  const { signer, asked, pay } = await signerWithWebhook(refuse, ['--max-wei-per-second', '1']);
  await using _ = signer;
  const refused = { status: 401, json: { error: { message: 'no' } } };
  expect(await pay()).toMatchObject(refused); // would be 481
  expect(await pay({ orchestrator: '' })).toMatchObject(refused);
  expect(await signer.post('/generate-live-payment', '{')).toMatchObject(refused);
  expect(await signer.post('/sign-orchestrator-info', '')).toMatchObject(refused);
  expect(await call(`${signer.url}/discover-orchestrators`)).toMatchObject(refused);
  expect(await call(`${signer.url}/openapi.json`)).toMatchObject(refused);
  expect(await call(`${signer.url}/healthz`)).toMatchObject({ status: 200 });
  expect(asked).toHaveLength(6);
  refuse.current = { status: 200, reason: '' };
  expect(await pay()).toMatchObject({ status: 481 });
  expect(await signer.post('/sign-orchestrator-info', '')).toMatchObject({ status: 200 });
});

test('with the scope payments the other routes are open, as in go-livepeer', async () => {
  const answer = { current: { status: 401 } };
  const { signer, asked } = await signerWithWebhook(answer, [
    '--webhook-scope',
    'payments',
    '--host',
    '0.0.0.0',
  ]);
  await using _ = signer;
  expect(await signer.post('/sign-orchestrator-info', '')).toMatchObject({ status: 200 });
  expect(asked).toHaveLength(0);
});

test('over real sockets: what it is sent, and that no redirect is followed with the credentials', async () => {
  const seen: string[] = [];
  let redirect = false;
  const server = createServer((request, response) => {
    seen.push(
      `${request.method} ${request.url} ${request.headers['content-type']} ${String(request.headers['x-fixed'])}`,
    );
    request.resume();
    if (redirect) response.writeHead(307, { location: '/elsewhere' }).end();
    else response.writeHead(200).end('{"status":200,"auth_id":"u"}');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const services = createTransport({ privateAddresses: 'allow' });
  await using signer = await startTestSigner({
    flags: ['--webhook-url', `http://127.0.0.1:${port}/hook`],
    env: { LP_SIGNER_WEBHOOK_HEADERS: 'X-Fixed:one' },
    ports: { services },
  });
  const pay = () =>
    signer.post(
      '/generate-live-payment',
      { orchestrator: offerText(), type: 'live' },
      { authorization: 'Bearer u' },
    );
  expect(await pay()).toMatchObject({ status: 200 });
  redirect = true;
  expect(await pay()).toMatchObject({ status: 500, json: { error: { code: 'webhook-failed' } } });
  expect(seen).toEqual(['POST /hook application/json one', 'POST /hook application/json one']);
  await services.close();
  server.close();
});

test('is asked once about a call that turns out to have no nonces left', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'lp-webhook-'));
  const flags = ['--ledger', 'sqlite', '--data-dir', folder];
  const orchestrator = offerText();
  const hundredTickets = (ManifestID: string) => ({ orchestrator, type: '', inPixels: 1160, ManifestID });
  const answer = { current: { status: 200, expiry: 0 } };
  {
    const { signer, pay } = await signerWithWebhook(answer, flags);
    await using _ = signer;
    for (const id of ['a', 'b', 'c', 'd', 'e']) expect((await pay(hundredTickets(id))).status).toBe(200);
  }
  // one that does not know yet which nonces were used: the ledger tells, after the webhook was asked
  const { signer, asked, pay } = await signerWithWebhook(answer, flags);
  await using _ = signer;
  expect(await pay(hundredTickets('f'))).toMatchObject({
    status: 480,
    json: { error: { code: 'refresh-session' } },
  });
  expect(asked).toHaveLength(1);
  await rm(folder, { recursive: true });
});
