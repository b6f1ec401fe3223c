import {
  DEFAULT_SENDER_LIMITS,
  type FundingAsk,
  openPayment,
  type PaymentPlan,
  planPayment,
} from '@lp/pm/sender';
import { encodeOrchestratorInfo } from '@lp/protocol';
import { expect, test } from 'vitest';
import { offer } from '../../test/signer-fixture.ts';
import { usageEvents } from './usage-event.ts';

const SECOND = 1_000_000_000n;
const START_NS = BigInt(Date.UTC(2026, 7, 20)) * 1_000_000n;
const SENDER = `0x${'01'.repeat(20)}` as const;
const CHAIN = {
  l1Block: 1000n,
  lastInitializedRound: 8n,
  roundBlockHash: `0x${'33'.repeat(32)}`,
  senderInfo: {
    deposit: 10n ** 18n,
    withdrawRound: 0n,
    reserve: { fundsRemaining: 10n ** 18n, claimedInCurrentRound: 0n },
  },
} as const;

/** A call `afterNs` behind the opening; undefined for the opening itself. 35 wei a ticket, 3 wei a second. */
function planOf(type: string, afterNs: bigint | undefined, funding?: FundingAsk): PaymentPlan {
  const perUnit = type === 'lv2v' ? 27_648_000n : 1n;
  const info = offer({ priceInfo: { pricePerUnit: 3n, pixelsPerUnit: perUnit } });
  const opened = openPayment(
    {
      orchestrator: encodeOrchestratorInfo(info),
      manifestId: 'm',
      app: '',
      inPixels: 100n,
      type,
      capabilities: new Uint8Array(),
      ...(funding !== undefined && { funding }),
    },
    { sender: SENDER, random: { bytes: (length) => new Uint8Array(length) } },
  );
  const state =
    afterNs === undefined ? opened.state : { ...opened.state, sequenceNumber: 1n, lastUpdateNs: START_NS };
  return planPayment(
    { ...opened, isNew: afterNs === undefined, state },
    {
      sender: SENDER,
      nowNs: START_NS + (afterNs ?? 0n),
      chain: CHAIN,
      limits: DEFAULT_SENDER_LIMITS,
      ceilings: [],
    },
  );
}

test.each<[string, string, bigint | undefined, FundingAsk | undefined, number]>([
  ['an opening', 'live', undefined, undefined, 10],
  ['an opening', 'lv2v', undefined, undefined, 60],
  ['an opening with a lead', 'lv2v', undefined, { leadMs: 20_000n }, 10],
  ['an exact opening', 'lv2v', undefined, { exact: true }, 60],
  ['whole seconds billed for less', 'live', SECOND / 2n, undefined, 0.5],
  ['pixels', 'lv2v', 5n * SECOND + 7n, undefined, 5.000000007],
  ['exact time', 'live', SECOND / 2n, { exact: true }, 0.5],
  // 100 tickets of 35 wei pay 1,166 of these seconds
  ['a gap that is cut', 'live', 9999n * SECOND, undefined, 1166],
  ['a gap of pixels that is cut', 'lv2v', 9999n * SECOND, undefined, 3500 / 3],
  ['a part of the time', 'live', 9n * SECOND, { atMostNs: 4n * SECOND }, 4],
  ['one job', 'fixed', undefined, undefined, 0],
  ['another job', 'fixed', 7n * SECOND, undefined, 7],
  ['units of the caller', '', 3n * SECOND, undefined, 3],
])('billable_secs of %s, type %j', (_what, type, afterNs, funding, seconds) => {
  const plan = planOf(type, afterNs, funding);
  const nowMs = Number((START_NS + (afterNs ?? 0n)) / 1_000_000n);
  const key = {
    hourMs: 0,
    identity: 'i',
    app: '',
    orchestrator: SENDER,
    recipient: SENDER,
    model: '',
    unit: '',
  };
  const event = JSON.parse(usageEvents('gw')({ plan, key, nowMs, answerId: new Uint8Array(16) })) as {
    data: { billable_secs: number };
  };
  expect(event.data.billable_secs).toBeCloseTo(seconds, 6);
});
