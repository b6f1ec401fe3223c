import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { call, offer, offerText, startTestSigner, type TestSigner } from './signer-fixture.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lp-signer-'));
});
afterAll(() => rm(folder, { recursive: true }));

const KEYS = ['alice', 'bob'].map((name) => `${name} ${name}-${'k'.repeat(16)}`).join('\n');
let files = 0;

async function limited(limits: object, flags: readonly string[] = []): Promise<TestSigner> {
  const path = join(folder, `limits-${++files}`);
  await writeFile(path, JSON.stringify(limits));
  await writeFile(`${path}.keys`, KEYS, { mode: 0o600 });
  return startTestSigner({
    flags: ['--limits-file', path, '--api-keys-file', `${path}.keys`, '--recipients', 'any', ...flags],
  });
}

const as = (name: string) => ({ authorization: `Bearer ${name}-${'k'.repeat(16)}` });

/** One ticket of 35 wei. */
const pay = (signer: TestSigner, who: string, body: object = {}) =>
  signer.post(
    '/generate-live-payment',
    { orchestrator: offerText(), type: '', inPixels: 10, ManifestID: 'm', ...body },
    as(who),
  );

test('a limit per identity and day: which one, what is left, when it begins anew', async () => {
  await using signer = await limited({ limits: [{ of: 'identity', per: 'day', wei: '100' }] });
  expect(await pay(signer, 'alice')).toMatchObject({ status: 200 });
  expect(await pay(signer, 'alice')).toMatchObject({ status: 200 });
  const refused = await pay(signer, 'alice');
  expect(refused).toMatchObject({
    status: 483,
    json: {
      error: {
        code: 'limit-reached',
        limit: { of: 'identity', name: 'alice', per: 'day', unit: 'wei', max: '100' },
        left: '30',
      },
    },
  });
  expect(refused.json.error.resets_at).toMatch(/T00:00:00\.000Z$/);
  expect(await pay(signer, 'bob')).toMatchObject({ status: 200 });
});

test('a refused payment leaves no trace: its state goes on once there is room', async () => {
  await using signer = await limited({ limits: [{ of: 'signer', per: 'total', openings: 1 }] });
  const { json } = await pay(signer, 'alice');
  expect(await pay(signer, 'alice')).toMatchObject({ status: 483, json: { error: { left: '0' } } });
  expect(await pay(signer, 'alice', { state: json.state })).toMatchObject({ status: 200 });
});

test('limits of app, orchestrator, session and in dollars', async () => {
  await using signer = await limited(
    {
      limits: [
        { of: 'app', name: 'dear', per: 'total', wei: '34' },
        { of: 'orchestrator', name: `0x${'CC'.repeat(20)}`, per: 'hour', wei: '0' },
        { of: 'identity', name: 'bob', per: 'session', wei: '69' },
        { of: 'identity', name: 'alice', per: 'total', usd: '0.5' },
      ],
    },
    ['--wei-per-usd', '100'],
  );
  expect(await pay(signer, 'bob', { app: 'dear' })).toMatchObject({ status: 483 });
  const recipient = `0x${'cc'.repeat(20)}` as const;
  // the offer's address is the caller's word: who is paid counts
  const { ticketParams } = offer();
  const orchestrator = offerText({ ticketParams: { ...ticketParams!, recipient } });
  expect(await pay(signer, 'bob', { orchestrator })).toMatchObject({
    status: 483,
    json: { error: { limit: { of: 'orchestrator', name: recipient } } },
  });
  const { json } = await pay(signer, 'bob');
  const more = await pay(signer, 'bob', { state: json.state });
  expect(more).toMatchObject({ status: 483, json: { error: { limit: { per: 'session' }, left: '34' } } });
  expect(await pay(signer, 'alice')).toMatchObject({ status: 200 });
  expect(await pay(signer, 'alice')).toMatchObject({
    status: 483,
    json: { error: { left: '15', left_usd: '0.150000' } },
  });
});

test('a dollar has one rate', async () => {
  const flags = ['--wei-per-usd', '100', '--price-feed', `0x${'11'.repeat(20)}`];
  await expect(startTestSigner({ flags })).rejects.toMatchObject({ exitCode: 2 });
});

test('prepaid: served from the balance, down to the last wei; the journal adds up', async () => {
  await using signer = await limited({ prepaid: 'required' });
  expect(await pay(signer, 'alice')).toMatchObject({
    status: 483,
    json: { error: { code: 'balance-too-low', left: '0' } },
  });
  const change = (verb: string, body: object) =>
    call(`${signer.adminUrl}/accounts/${verb}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ identity: 'alice', ...body }),
    });
  const credit = { wei: '80', reference: 'invoice-1', note: 'November' };
  expect(await change('credit', credit)).toMatchObject({ json: { balanceWei: '80', repeated: false } });
  expect(await change('credit', credit)).toMatchObject({ json: { balanceWei: '80', repeated: true } });
  expect(await change('credit', { ...credit, wei: '81' })).toMatchObject({ status: 409 });
  expect(await pay(signer, 'alice')).toMatchObject({ status: 200 });
  expect(await change('debit', { wei: '46' })).toMatchObject({ status: 409 });
  expect(await change('debit', { wei: '10' })).toMatchObject({ json: { balanceWei: '35' } });
  expect(await pay(signer, 'alice')).toMatchObject({ status: 200 });
  expect(await pay(signer, 'alice')).toMatchObject({ status: 483 });
  expect(await call(`${signer.adminUrl}/accounts`)).toMatchObject({
    json: [{ identity: 'alice', balanceWei: '0' }],
  });
  expect(await call(`${signer.adminUrl}/accounts/entries?identity=alice`)).toMatchObject({
    json: [
      { wei: '-10', balanceAfterWei: '35' },
      { wei: '80', balanceAfterWei: '80', reference: 'invoice-1', note: 'November' },
    ],
  });
});

test('a change of an account that makes no sense is refused by the name of its field', async () => {
  await using signer = await limited({});
  const refusalOf = async (path: string, body?: object) => {
    const headers = { 'content-type': 'application/json' };
    const init = body === undefined ? {} : { method: 'POST', headers, body: JSON.stringify(body) };
    const { status, json } = await call(`${signer.adminUrl}/accounts/${path}`, init);
    return `${status} ${json.detail}`;
  };
  const inWei = '400 wei has to be a whole number above 0, in quotes';
  for (const wei of [1, '-1', '0', '1e9', '0x1', '1.5', ' 1', '9'.repeat(79), undefined, null]) {
    for (const verb of ['credit', 'debit']) expect(await refusalOf(verb, { identity: 'a', wei })).toBe(inWei);
  }
  expect(await refusalOf('credit', { identity: '', wei: '1' })).toBe('400 identity is empty');
  expect(await refusalOf('credit', { identity: 'a\0b', wei: '1' })).toMatch(/^400 identity is no text/);
  expect(await refusalOf('entries?identity=')).toBe('400 identity is empty');
  expect(await call(`${signer.adminUrl}/accounts`)).toMatchObject({ json: [] });
});

test('accounts are not for the public listener, nor for pages of other sites', async () => {
  await using signer = await limited({});
  expect(await call(`${signer.url}/accounts`, { headers: as('alice') })).toMatchObject({ status: 404 });
  const headers = { origin: 'https://evil.example' };
  expect(await call(`${signer.adminUrl}/accounts`, { headers })).toMatchObject({ status: 403 });
});

test('H2: a recipient that is no registered orchestrator is not paid, unless it is listed', async () => {
  const { ticketParams } = offer();
  const recipient = `0x${'bb'.repeat(20)}` as const;
  await using strict = await startTestSigner();
  strict.chain.unregistered.add(recipient);
  const body = () => ({ orchestrator: offerText(), type: '', inPixels: 10 });
  expect(ticketParams?.recipient).toBe(recipient);
  expect(await strict.post('/generate-live-payment', body())).toMatchObject({
    status: 400,
    json: { error: { code: 'unregistered-recipient' } },
  });
  await using lenient = await startTestSigner({ flags: ['--recipients', recipient] });
  lenient.chain.unregistered.add(recipient);
  expect(await lenient.post('/generate-live-payment', body())).toMatchObject({ status: 200 });
});

test.each([
  ['no JSON', '{', /not JSON/],
  ['an unknown member', '{"limit": []}', /limit/],
  ['no amount', '{"limits":[{"of":"identity","per":"day"}]}', /limits\[0\] needs wei/],
  ['twice', '{"limits":[{"of":"app","per":"day","wei":"1"},{"of":"app","per":"day","usd":"1"}]}', /again/],
  ['dollars without a rate', '{"limits":[{"of":"app","per":"day","usd":"1"}]}', /--wei-per-usd/],
])('a file of limits with %s ends the start', async (_name, text, message) => {
  const path = join(folder, `bad-${++files}`);
  await writeFile(path, text);
  await expect(startTestSigner({ flags: ['--limits-file', path] })).rejects.toThrow(
    expect.objectContaining({ code: 'invalid-limits', exitCode: 2, message: expect.stringMatching(message) }),
  );
});
