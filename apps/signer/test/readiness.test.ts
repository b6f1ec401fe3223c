import { expect, test } from 'vitest';
import { call, startTestSigner } from './signer-fixture.ts';
import { stubChain } from './stub-chain.ts';

test.each<[string, Parameters<typeof Object.assign>[1], readonly string[], string | undefined]>([
  ['enough', {}, [], undefined],
  ['no deposit', { deposit: 0n }, [], 'no sender deposit'],
  ['an unlock that is nearly over', { withdrawRound: 9n }, [], 'unlock soon'],
  ['less than the operator wants', {}, ['--min-deposit-wei', '2000000000000000000'], 'is below 2 ETH'],
  [
    'less reserve than the operator wants',
    {},
    ['--min-reserve-wei', '2000000000000000000'],
    'is below 2 ETH',
  ],
])('with %s', async (_name, change, flags, reason) => {
  const chain = stubChain();
  Object.assign(chain.state.sender, change);
  await using signer = await startTestSigner({ ports: { chain }, flags });
  const ready = await call(`${signer.adminUrl}/readyz`);
  expect(ready.status).toBe(reason === undefined ? 200 : 503);
  expect(ready.json.checks).toMatchObject({
    chain: { ok: true },
    ledger: { ok: true },
    funds: reason === undefined ? { ok: true } : { ok: false, reason: expect.stringContaining(reason) },
  });
});
