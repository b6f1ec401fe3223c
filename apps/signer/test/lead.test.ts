import { decodePaymentHeader } from '@lp/protocol';
import { systemClock } from '@lp/runtime';
import { routeTransport, simulatedClock } from '@lp/runtime/testing';
import { expect, test } from 'vitest';
import { type Answer, offer, offerText, startTestSigner } from './signer-fixture.ts';

const startMs = systemClock.wallMs();
const ASK = { leadMs: 30_000, exact: true };

const tickets = ({ json }: Answer): number =>
  decodePaymentHeader(json.payment as string).ticketSenderParams.length;

test('a lead is kept over HTTP, and every answer says how the credit stands', async () => {
  const clock = simulatedClock({ startMs });
  await using signer = await startTestSigner({ ports: { clock } });
  const pay = (fields: object) =>
    signer.post('/generate-live-payment', {
      orchestrator: offerText(),
      type: 'live',
      ManifestID: '9f8e7d6c',
      ...fields,
    });
  // 3 wei a second, tickets of 35: three of them are 35 seconds
  const opening = await pay({ LPFUNDING: ASK });
  expect([opening.status, tickets(opening)]).toEqual([200, 3]);
  expect(opening.json.lpFunding).toEqual({
    creditWei: '105',
    creditMs: 35_000,
    nextInMs: 5_001,
    leadMs: 30_000,
  });
  const early = await pay({ state: opening.json.state, lpFunding: ASK });
  expect(early).toMatchObject({
    status: 482,
    json: { error: { code: 'no-tickets', message: 'no tickets', lpFunding: opening.json.lpFunding } },
  });
  await clock.advance(5_001);
  const due = await pay({ state: opening.json.state, lpFunding: ASK });
  expect([due.status, tickets(due)]).toEqual([200, 1]);
  expect(due.json.lpFunding).toMatchObject({ creditWei: '124997/1000', creditMs: 41_665 });

  await clock.advance(3_600_000 / 3);
  const afterGap = await pay({ state: due.json.state, lpFunding: { exact: true } });
  expect([afterGap.status, tickets(afterGap)]).toEqual([200, 100]);
  expect(afterGap.json.lpFunding).toMatchObject({ creditMs: 10_000, unbilledMs: 1_667 });
});

test('whoever does not ask is told too, and billed as upstream does', async () => {
  await using signer = await startTestSigner();
  const opening = await signer.post('/generate-live-payment', { orchestrator: offerText(), type: 'live' });
  expect(opening.json.lpFunding).toEqual({ creditWei: '35', creditMs: 11_666, nextInMs: 0 });
});

test('a request that makes no sense is refused by name', async () => {
  await using signer = await startTestSigner();
  for (const [fields, code] of [
    [{ type: 'fixed', lpFunding: { leadMs: 1 } }, 'invalid-funding'],
    [{ type: 'live', lpFunding: { unit: 'hours' } }, 'invalid-funding'],
    [{ type: 'live', lpFunding: { leadMs: 1.5 } }, 'invalid-field'],
    [{ type: 'live', lpFunding: 7 }, 'invalid-field'],
  ] as const) {
    const answer = await signer.post('/generate-live-payment', { orchestrator: offerText(), ...fields });
    expect(answer).toMatchObject({ status: 400, json: { error: { code } } });
  }
});

test('the same request again gets the same report; another lead on an answered state is another request', async () => {
  await using signer = await startTestSigner();
  const pay = (fields: object) =>
    signer.post('/generate-live-payment', { type: 'live', ManifestID: 'm', lpFunding: ASK, ...fields });
  const opening = { orchestrator: offerText() };
  const first = await pay(opening);
  expect(await pay(opening)).toMatchObject({ status: 200, text: first.text });
  for (const lpFunding of [
    { ...ASK, leadMs: 30_001 },
    { ...ASK, exact: false },
    { ...ASK, atMostNs: 1 },
  ]) {
    expect(await pay({ ...opening, lpFunding })).toMatchObject({
      status: 409,
      json: { error: { code: 'opening-used' } },
    });
  }
});

test('params that expire while the webhook thinks are 480, and nothing is signed', async () => {
  const clock = simulatedClock({ startMs });
  const transport = routeTransport(async () => {
    await clock.advance(2_000);
    return { body: '{"status":200}' };
  });
  await using signer = await startTestSigner({
    flags: ['--webhook-url', 'https://webhook.example/'],
    ports: { clock },
    transport,
  });
  const { authToken } = offer();
  if (authToken === undefined) throw new Error('the offer has a token');
  // the signer stops three minutes before the end of a token: in one second
  const expiration = BigInt(Math.floor(startMs / 1000)) + 181n;
  const answer = await signer.post('/generate-live-payment', {
    orchestrator: offerText({ authToken: { ...authToken, expiration } }),
    type: 'live',
  });
  expect(answer).toMatchObject({ status: 480, json: { error: { code: 'refresh-session' } } });
  expect(answer.headers.get('livepeer-orchestrator-url')).toBe('https://orchestrator.example:8935');
});

test('a price near nothing is answered: its credit is said to be as long as a field holds', async () => {
  await using signer = await startTestSigner();
  const orchestrator = offerText({ priceInfo: { pricePerUnit: 1n, pixelsPerUnit: 2n ** 63n - 1n } });
  const opening = await signer.post('/generate-live-payment', {
    orchestrator,
    type: 'live',
    lpFunding: { leadMs: 11_000 },
  });
  expect([opening.status, tickets(opening)]).toEqual([200, 1]);
  expect(opening.text).toContain('"creditMs":9223372036854775807,"nextInMs":9223372036854775807');
});
