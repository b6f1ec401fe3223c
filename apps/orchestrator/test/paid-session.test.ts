import { mkdtemp, rm } from 'node:fs/promises';
import { get } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { privateKeySigner } from '@lp/pm';
import { answerPayment, DEFAULT_SENDER_LIMITS, type PaymentAnswer, type SignedState } from '@lp/pm/sender';
import { ratio } from '@lp/pricing';
import { challengeInfo, decodePaymentResult, type PaymentChallenge, parseChallenge } from '@lp/protocol';
import { type SimulatedClock, seededRandom, simulatedClock } from '@lp/runtime/testing';
import { createLogger, type RunningService } from '@lp/service';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { startOrchestrator } from '../src/start-orchestrator.ts';
import { StubChain } from './stub-chain.ts';

const RECIPIENT = `0x${'22'.repeat(20)}` as const;
const signer = privateKeySigner(`0x${'01'.repeat(32)}`);
const SECRET = 'bootstrap';
const decode = (base64: string) => new Uint8Array(Buffer.from(base64, 'base64'));

let clock: SimulatedClock;
let chain: StubChain;
let running: RunningService;
let folder: string;

/** A per-second price of 0.36 USD/h at 2000 USD/ETH is 5e10 wei/s; a ticket is worth one second of it. */
const EV = 50_000_000_000n;

beforeEach(async () => {
  clock = simulatedClock();
  chain = new StubChain();
  folder = await mkdtemp(join(tmpdir(), 'lp-orchestrator-'));
  running = await startOrchestrator(
    {
      host: '127.0.0.1',
      port: 0,
      adminHost: '127.0.0.1',
      adminPort: 0,
      serviceUrl: undefined,
      runnerUrl: undefined,
      tlsCert: undefined,
      tlsKey: undefined,
      insecureHttp: false,
      runnerSecret: SECRET,
      runners: undefined,
      maxRunners: 10,
      ticketEvWei: EV,
      maxFaceValueWei: 2n * EV,
      redeemGas: 1000,
      weiPerUsd: ratio(10n ** 18n, 2000n),
      debitIntervalMs: 5_000,
      dataDir: folder,
    },
    { payments: { chain, recipient: RECIPIENT }, clock, random: seededRandom(7) },
    {
      log: createLogger({ name: 'test', level: 'silent' }),
      fail: (error) => expect.unreachable(String(error)),
    },
  );
  await clock.advance(1); // the first reading of the chain
  await register();
});

afterEach(async () => {
  await running.close(AbortSignal.timeout(1_000));
  await rm(folder, { recursive: true, force: true });
});

const post = (path: string, init: RequestInit = {}) => fetch(running.url + path, { method: 'POST', ...init });

async function register(fields: object = {}): Promise<Record<string, unknown>> {
  const body = {
    runner_id: 'r',
    runner_url: 'http://127.0.0.1:1',
    app: 'lp/test',
    price_info: { price: 0.36 },
    ...fields,
  };
  const answer = await post('/runners/heartbeat', {
    body: JSON.stringify(body),
    headers: { authorization: SECRET },
  });
  expect(answer.status).toBe(200);
  return (await answer.json()) as Record<string, unknown>;
}

async function challenge(): Promise<PaymentChallenge> {
  const answer = await post('/apps/r/session', { headers: { 'livepeer-payer-address': signer.address } });
  expect(answer.status).toBe(402);
  return parseChallenge(await answer.text());
}

/** What a signer answers for `seconds` of the session's price. */
const pay = (
  params: Uint8Array,
  manifestId: string,
  seconds: bigint,
  state?: SignedState,
): Promise<PaymentAnswer> =>
  answerPayment(
    {
      orchestrator: params,
      manifestId,
      app: 'lp/test',
      inPixels: seconds,
      type: '',
      capabilities: new Uint8Array(),
      ...(state === undefined ? {} : { state }),
    },
    {
      signer,
      random: seededRandom(3),
      nowNs: BigInt(clock.wallMs()) * 1_000_000n,
      chain: {
        l1Block: chain.l1Block,
        lastInitializedRound: 7n,
        roundBlockHash: `0x${'11'.repeat(32)}`,
        senderInfo: chain.sender,
      },
      limits: DEFAULT_SENDER_LIMITS,
      ceilings: [],
    },
  );

const headers = (payment: PaymentAnswer) => ({
  'livepeer-payment': payment.payment,
  'livepeer-segment': payment.segCreds,
});

/** Reserves a session that is paid for `seconds`. */
async function open(seconds: bigint) {
  const asked = await challenge();
  const payment = await pay(decode(asked.paymentParams), asked.manifestId, seconds);
  const answer = await post('/apps/r/session', { headers: headers(payment) });
  expect(answer.status).toBe(200);
  return {
    asked,
    payment,
    reply: (await answer.json()) as { session_id: string; app_url: string; control_url: string },
  };
}

async function statement(manifestId: string): Promise<Record<string, string>> {
  const answer = await fetch(`${running.also?.['admin']}/ledger/${manifestId}`);
  return (await answer.json()) as Record<string, string>;
}

test('a page in the browser of the operator reaches nothing on the admin listener', async () => {
  const admin = running.also?.['admin'] ?? '';
  const ask = (path: string, init: RequestInit = {}) =>
    fetch(admin + path, init).then(({ status }) => status);
  // What a form or a `no-cors` fetch of a foreign page sends: no preflight asks before it.
  const foreign = { origin: 'https://elsewhere.example', 'content-type': 'text/plain' };
  expect(
    await ask('/registerLiveRunners', { method: 'POST', headers: foreign, body: '{"runners":[]}' }),
  ).toBe(403);
  // After DNS rebinding the page is of the same origin, but under its own name.
  const { port } = new URL(admin);
  const rebound = await new Promise<number | undefined>((resolve, reject) => {
    get(
      { port, host: '127.0.0.1', path: '/tickets', headers: { host: `elsewhere.example:${port}` } },
      (answer) => resolve(answer.resume().statusCode),
    ).on('error', reject);
  });
  expect(rebound).toBe(403);
  expect(await ask('/tickets')).toBe(200);
});

test.each(['.', '..'])('a runner cannot be called %s: its URL would lead elsewhere', async (runner_id) => {
  const answer = await post('/runners/heartbeat', {
    body: JSON.stringify({
      runner_id,
      runner_url: 'http://127.0.0.1:1',
      app: 'x',
      price_info: { price: 1 },
    }),
    headers: { authorization: SECRET },
  });
  expect(answer.status).toBe(400);
});

describe('the challenge (live-runner.md section 8.1)', () => {
  test('states price, terms, payment URL and debit interval', async () => {
    const asked = await challenge();
    expect(asked.paymentUrl).toBe(`${running.url}/apps/r/session/${asked.manifestId}/payment`);
    expect(asked.paymentIntervalMs).toBe(5_000);
    const info = challengeInfo(asked);
    expect(info.priceInfo).toMatchObject({ pricePerUnit: EV, pixelsPerUnit: 1n });
    expect(info.authToken?.sessionId).toBe(asked.manifestId);
    expect(info.ticketParams?.faceValue).toBe(2n * EV);
  });

  test.each([undefined, 'nobody', `0x${'0'.repeat(39)}`])(
    'payer address %s is refused with 402 and JSON',
    async (payer) => {
      const answer = await post(
        '/apps/r/session',
        payer === undefined ? {} : { headers: { 'livepeer-payer-address': payer } },
      );
      expect(answer.status).toBe(402);
      expect(await answer.json()).toEqual({
        error: { message: 'invalid live runner payment signer address' },
      });
    },
  );

  test('without a view of the chain there is none', async () => {
    chain.reachable = false;
    await clock.advance(3_600_000);
    await register();
    const answer = await post('/apps/r/session', { headers: { 'livepeer-payer-address': signer.address } });
    expect(answer.status).toBe(503);
  });
});

describe('a paid session', () => {
  test('is metered every interval until its credit is used up, and says why it ended', async () => {
    const { asked, reply } = await open(12n);
    expect(reply).toEqual({
      session_id: asked.manifestId,
      control_url: `${running.url}/apps/r/session/${asked.manifestId}`,
      app_url: `${running.url}/apps/r/session/${asked.manifestId}/app`,
    });
    await clock.advance(10_100);
    expect(await statement(asked.manifestId)).toMatchObject({
      state: 'open',
      units: '10',
      meteredWei: String(10n * EV),
    });
    await clock.advance(5_000);
    expect(await statement(asked.manifestId)).toMatchObject({
      state: 'closed',
      closeReason: 'insufficient-balance',
    });
    const probe = await fetch(asked.paymentUrl ?? '', { method: 'POST' });
    expect([probe.status, await probe.text()]).toEqual([404, 'runner session not found\n']);
    expect(probe.headers.get('livepeer-session-ended')).toBe('insufficient-balance');
  });

  test('lives on follow-up payments and closes with nothing charged afterwards', async () => {
    const { asked, payment, reply } = await open(10n);
    await clock.advance(6_000);
    const more = await pay(decode(asked.paymentParams), asked.manifestId, 10n, payment.state);
    const answer = await fetch(asked.paymentUrl ?? '', { method: 'POST', headers: headers(more) });
    expect(answer.status).toBe(200);
    const { info } = decodePaymentResult(new Uint8Array(await answer.arrayBuffer()));
    expect(info?.priceInfo).toMatchObject({ pricePerUnit: EV, pixelsPerUnit: 1n });
    expect(info?.ticketParams?.recipientRandHash).not.toBe(
      challengeInfo(asked).ticketParams?.recipientRandHash,
    );
    await clock.advance(5_000);
    expect((await fetch(`${reply.control_url}/stop`, { method: 'POST' })).status).toBe(204);
    expect((await fetch(`${reply.control_url}/stop`, { method: 'POST' })).status).toBe(204);
    await clock.advance(60_000);
    expect(await statement(asked.manifestId)).toMatchObject({
      state: 'closed',
      closeReason: 'stopped-by-client',
      units: '10',
      payments: 2,
      meteredWei: String(10n * EV),
    });
  });

  test('a probe without headers tells alive from gone and changes nothing (live-runner.md section 14.1)', async () => {
    const { asked, reply } = await open(10n);
    const before = await statement(asked.manifestId);
    expect((await fetch(asked.paymentUrl ?? '', { method: 'POST' })).status).toBe(403);
    expect(await statement(asked.manifestId)).toEqual(before);
    await fetch(`${reply.control_url}/stop`, { method: 'POST' });
    expect(
      (await fetch(asked.paymentUrl ?? '', { method: 'POST' })).headers.get('livepeer-session-ended'),
    ).toBe('stopped-by-client');
  });

  test('a probe says why there is no session any more although its runner is gone, and stays silent while it may come back', async () => {
    const { asked } = await open(60n);
    const probe = async () => {
      const answer = await fetch(asked.paymentUrl ?? '', { method: 'POST' });
      return [answer.status, await answer.text(), answer.headers.get('livepeer-session-ended')];
    };
    await clock.advance(21_000);
    expect(await probe()).toEqual([404, 'runner not found\n', null]);
    await clock.advance(5_000);
    expect(await probe()).toEqual([404, 'runner not found\n', 'runner-lost']);
  });

  test('the same reservation again is 409: it is reserved and paid', async () => {
    const { payment } = await open(10n);
    const again = await post('/apps/r/session', { headers: headers(payment) });
    expect([again.status, await again.text()]).toEqual([409, 'session already exists\n']);
  });

  test('a full runner answers 503 without consuming, and the same headers work once there is room', async () => {
    const first = await open(10n);
    const asked = await challenge();
    const payment = await pay(decode(asked.paymentParams), asked.manifestId, 10n);
    const full = await post('/apps/r/session', { headers: headers(payment) });
    expect([full.status, await full.text()]).toEqual([503, 'no capacity available for runner\n']);
    await fetch(`${first.reply.control_url}/stop`, { method: 'POST' });
    expect((await post('/apps/r/session', { headers: headers(payment) })).status).toBe(200);
  });
});

describe('bad payments change nothing', () => {
  test.each([
    ['payment that is not base64', { 'livepeer-payment': '!!' }, 402],
    ['segment that is not base64', { 'livepeer-segment': '!!' }, 403],
    ['payment without a segment', { 'livepeer-segment': '' }, 403],
  ])('%s', async (_name, broken, status) => {
    const asked = await challenge();
    const payment = await pay(decode(asked.paymentParams), asked.manifestId, 10n);
    const answer = await post('/apps/r/session', { headers: { ...headers(payment), ...broken } });
    expect(answer.status).toBe(status);
    expect((await fetch(`${running.also?.['admin']}/ledger/${asked.manifestId}`)).status).toBe(404);
  });

  test('a payment of another challenge is 403', async () => {
    const [one, other] = [await challenge(), await challenge()];
    const payment = await pay(decode(one.paymentParams), other.manifestId, 10n);
    const answer = await post('/apps/r/session', { headers: headers(payment) });
    expect([answer.status, await answer.text()]).toEqual([403, 'mismatched manifest and auth token\n']);
  });

  test('the same tickets pay once', async () => {
    const { asked, payment } = await open(10n);
    const again = await fetch(asked.paymentUrl ?? '', { method: 'POST', headers: headers(payment) });
    expect(again.status).toBe(400);
    expect(await again.text()).toContain('already seen');
    expect((await statement(asked.manifestId))['creditedWei']).toBe(String(10n * EV));
  });
});

test('wrong methods are 405, unknown paths 404', async () => {
  expect((await fetch(`${running.url}/runners/heartbeat`)).status).toBe(405);
  expect((await fetch(`${running.url}/nowhere`)).status).toBe(404);
});

test('discovery lists the runner with its price and free places', async () => {
  await open(10n);
  expect(await (await fetch(`${running.url}/discovery`)).json()).toEqual([
    {
      address: running.url,
      runners: [
        {
          url: `${running.url}/apps/r/session`,
          app: 'lp/test',
          mode: 'persistent',
          capacity: 1,
          capacity_used: 1,
          capacity_available: 0,
          price_info: { price: Number(EV), currency: 'wei', unit: 'seconds' },
        },
      ],
    },
  ]);
});
