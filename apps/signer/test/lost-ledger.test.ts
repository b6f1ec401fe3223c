import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type MessageSigner, privateKeySigner } from '@lp/pm';
import { expect, test } from 'vitest';
import { ExternalSignerError } from '../src/keys/external-signer.ts';
import { call, KEY, offerText, startTestSigner } from './signer-fixture.ts';

/** A key behind a service that goes away, and takes the ledger's folder with it. */
function failingKey(folder: string): MessageSigner & { fails: boolean } {
  const key = privateKeySigner(KEY);
  return {
    fails: false,
    address: key.address,
    async signMessages(messages, options) {
      if (!this.fails) return key.signMessages(messages, options);
      await rm(folder, { recursive: true });
      throw new ExternalSignerError('the signing service is away');
    },
  };
}

test('a ledger that is lost under a signer stops payments, readiness says so, and no other fault is hidden by it', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'lp-lost-'));
  const key = failingKey(folder);
  await using signer = await startTestSigner({
    flags: ['--ledger', 'sqlite', '--data-dir', folder],
    ports: { signer: key },
  });
  const pay = () =>
    signer.post('/generate-live-payment', {
      orchestrator: offerText(),
      type: '',
      inPixels: 1,
      ManifestID: 'm',
    });
  expect(await pay()).toMatchObject({ status: 200 });
  key.fails = true;
  expect(await pay()).toMatchObject({ status: 503, json: { error: { code: 'signing-unavailable' } } });
  key.fails = false;
  expect(await pay()).toMatchObject({ status: 503, json: { error: { code: 'ledger-failed' } } });
  const ready = await call(`${signer.adminUrl}/readyz`);
  expect(ready).toMatchObject({ status: 503, json: { checks: { ledger: { ok: false } } } });
  expect(ready.json.checks.ledger.reason).toContain('deleted or replaced');
});
