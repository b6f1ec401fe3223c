import { decodePaymentHeader } from '@lp/protocol';
import { systemClock } from '@lp/runtime';
import { simulatedClock } from '@lp/runtime/testing';
import { expect, test } from 'vitest';
import { type Answer, offerText, startTestSigner } from './signer-fixture.ts';

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
