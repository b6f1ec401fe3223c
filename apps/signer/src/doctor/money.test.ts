import type { ChainHead, SenderInfo } from '@lp/pm/chain';
import { expect, test } from 'vitest';
import { moneyFindings } from './money.ts';

const ETHER = 10n ** 18n;
const HEAD: ChainHead = {
  l1Block: 1000n,
  lastInitializedRound: 8n,
  roundBlockHash: `0x${'33'.repeat(32)}`,
  previousRoundBlockHash: `0x${'32'.repeat(32)}`,
  currentRoundInitialized: true,
  poolSize: 100n,
  gasPrice: 10n ** 8n, // a usual face value is 0.012 ETH
};
const INFO: SenderInfo = {
  deposit: ETHER,
  withdrawRound: 0n,
  reserve: { fundsRemaining: 2n * ETHER, claimedInCurrentRound: 0n },
};

function levels(
  change: Partial<SenderInfo>,
  more: { burntWei?: bigint | undefined; multiplier?: bigint } = {},
) {
  const findings = moneyFindings({
    head: HEAD,
    info: { ...INFO, ...change },
    depositMultiplier: more.multiplier ?? 1n,
    least: { minDepositWei: 1n, minReserveWei: 1n },
    burntWei: 'burntWei' in more ? more.burntWei : 0n,
  });
  for (const { level, advice } of findings) expect(advice !== undefined).toBe(level !== 'ok');
  return Object.fromEntries(findings.map(({ part, level }) => [part, level]));
}

const WELL = { funds: 'ok', deposit: 'ok', reserve: 'ok', unlock: 'ok', 'burn rate': 'ok' };

test.each<[string, Parameters<typeof levels>, Record<string, string>]>([
  ['enough of all', [{}], {}],
  ['no deposit', [{ deposit: 0n }], { funds: 'fail', deposit: 'warn' }],
  ['a deposit below the face value', [{ deposit: ETHER / 100n }], { deposit: 'warn' }],
  ['a multiplier that makes it so', [{}, { multiplier: 100n }], { deposit: 'warn' }],
  [
    'no reserve',
    [{ reserve: { fundsRemaining: 0n, claimedInCurrentRound: 0n } }],
    { funds: 'fail', reserve: 'warn' },
  ],
  [
    'a reserve that is thin when shared',
    [{ reserve: { fundsRemaining: ETHER, claimedInCurrentRound: 0n } }],
    { reserve: 'warn' },
  ],
  ['an unlock in progress', [{ withdrawRound: 10n }], { unlock: 'warn' }],
  ['an unlock that is nearly over', [{ withdrawRound: 9n }], { unlock: 'fail', funds: 'fail' }],
  ['a slow burn', [{}, { burntWei: ETHER / 10n }], {}],
  ['a fast burn', [{}, { burntWei: ETHER }], { 'burn rate': 'warn' }],
  ['no ledger', [{}, { burntWei: undefined }], { 'burn rate': 'warn' }],
])('%s', (_name, input, expected) => {
  expect(levels(...input)).toEqual({ ...WELL, ...expected });
});

test('an empty pool divides nothing', () => {
  const findings = moneyFindings({
    head: { ...HEAD, poolSize: 0n },
    info: INFO,
    depositMultiplier: 1n,
    least: { minDepositWei: 1n, minReserveWei: 1n },
    burntWei: 0n,
  });
  expect(findings).toHaveLength(5);
});
