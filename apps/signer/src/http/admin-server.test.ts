import { mkdtemp, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '@lp/runtime';
import { createLogger, createMetrics } from '@lp/service';
import { afterEach, describe, expect, test } from 'vitest';
import { SignerLedger } from '../ledger/signer-ledger.ts';
import { sqliteStore } from '../ledger/sqlite/sqlite-store.ts';
import { createAdminServer } from './admin-server.ts';

const SENDER = `0x${'11'.repeat(20)}`;
const stores: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const store of stores.splice(0)) await store.close();
});

function openStore(file: string) {
  const store = sqliteStore(file, { sender: SENDER, clock: systemClock });
  stores.push(store);
  return store;
}

function adminAt(host: string, store = openStore(':memory:')) {
  return createAdminServer({
    host,
    chain: {
      current: () => never(),
      last: () => undefined,
      ageMs: () => undefined,
      firstRead: Promise.resolve(),
      ended: Promise.resolve(),
    },
    ledger: new SignerLedger(store, { sharedKey: false }),
    store,
    leastFunds: { minDepositWei: 1n, minReserveWei: 1n },
    metrics: createMetrics(),
    clock: systemClock,
    log: createLogger({ name: 'test', level: 'silent' }),
  });
}

function never(): never {
  throw new Error('the chain is not read here');
}

describe('the admin listener beyond loopback', () => {
  const host = 'signer.internal:7937';

  test.each(['/healthz', '/metrics'])('%s answers a probe on another machine', async (url) => {
    const reply = await adminAt('0.0.0.0').inject({ url, remoteAddress: '10.0.0.9', headers: { host } });
    expect(reply.statusCode).toBe(200);
  });

  test.each(['/accounts', '/accounts/entries?identity=a'])('%s answers this machine only', async (url) => {
    const admin = adminAt('::');
    const foreign = await admin.inject({ url, remoteAddress: '::ffff:10.0.0.9' });
    expect(foreign.statusCode).toBe(403);
    expect(foreign.json()).toMatchObject({ code: 'loopback-only' });
    const own = await admin.inject({ url, remoteAddress: '::ffff:127.0.0.1' });
    expect(own.statusCode).toBe(200);
  });

  test.each(['forwarded', 'X-Forwarded-For', 'x-forwarded-proto', 'x-real-ip', 'via'])(
    'a proxy on this machine that sends %s is no caller on this machine',
    async (name) => {
      const headers = { [name]: '127.0.0.1' };
      const reply = await adminAt('127.0.0.1').inject({ url: '/accounts', headers });
      expect(reply.json()).toMatchObject({ status: 403, code: 'loopback-only' });
    },
  );

  test('no balance changes at the word of another machine, or of a page under a foreign name', async () => {
    const admin = adminAt('0.0.0.0');
    const payload = { identity: 'mallory', wei: '1000' };
    const credit = { method: 'POST', url: '/accounts/credit', payload } as const;
    expect((await admin.inject({ ...credit, remoteAddress: '10.0.0.9' })).statusCode).toBe(403);
    const rebound = await admin.inject({
      ...credit,
      remoteAddress: '127.0.0.1',
      headers: { host: 'evil.example' },
    });
    expect(rebound.statusCode).toBe(403);
    expect((await admin.inject({ url: '/accounts' })).json()).toEqual([]);
  });
});

test('on loopback nothing is told under a foreign name', async () => {
  const headers = { host: 'evil.example' };
  for (const url of ['/metrics', '/healthz', '/accounts']) {
    expect((await adminAt('127.0.0.1').inject({ url, headers })).statusCode).toBe(403);
  }
});

test('a ledger that could not be written is tried again: without being ready no payment would', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'lp-admin-'));
  const file = join(folder, 'signer.sqlite');
  const store = openStore(file);
  // each with a memory of its own for what it found
  const ledger = async () =>
    (await adminAt('127.0.0.1', store).inject({ url: '/readyz' })).json().checks.ledger;
  expect(await ledger()).toEqual({ ok: true });
  await rename(file, `${file}.away`);
  await expect(store.run({ keys: {}, apply: () => {} })).rejects.toThrow('deleted or replaced');
  expect(await ledger()).toMatchObject({ ok: false, reason: expect.stringContaining('put the file back') });
  await rename(`${file}.away`, file);
  expect(await ledger()).toEqual({ ok: true });
  await rm(folder, { recursive: true });
});
