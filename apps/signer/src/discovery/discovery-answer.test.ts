import { parseRunnerList } from '@lp/discovery';
import type { PriceCeiling } from '@lp/pm/sender';
import { ratio } from '@lp/pricing';
import {
  decodeOrchestratorInfo,
  encodeOrchestratorInfo,
  type OrchestratorInfo,
  type PriceInfo,
} from '@lp/protocol';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { infoOf } from '../../test/grpc-reply.ts';
import { capabilitiesOf } from './ask-orchestrator.ts';
import { blocklist } from './candidates.ts';
import type { KnownOrchestrator } from './catalogue.ts';
import {
  discoveryBody,
  discoveryEntries,
  filterByCapability,
  type ListingRules,
} from './discovery-answer.ts';

const NOW_MS = 1_800_000_000_000;
const RULES: ListingRules = { ceilings: [], capabilityCeilings: () => [], nowMs: NOW_MS };

function known(
  url: string,
  halves: { info?: OrchestratorInfo; runners?: string; infoAgeMs?: number } = {},
): KnownOrchestrator {
  const { info, runners, infoAgeMs = 0 } = halves;
  const none = { state: 'none', news: undefined } as const;
  return {
    url,
    capabilities:
      info === undefined
        ? none
        : {
            state: 'answered',
            news: {
              value: capabilitiesOf(info),
              ageMs: infoAgeMs,
            },
          },
    runners:
      runners === undefined
        ? none
        : { state: 'answered', news: { value: parseRunnerList(runners, NOW_MS).offers, ageMs: 0 } },
  };
}

const list = (address: string, ...runners: [url: string, app: string, extra?: object][]): string =>
  JSON.stringify([
    {
      address,
      runners: runners.map(([url, app, extra]) => ({
        url,
        app,
        price_info: { price: 5, currency: 'wei', unit: 'seconds' },
        ...extra,
      })),
    },
  ]);

const ceiling = (wei: bigint, types?: PriceCeiling['types']): PriceCeiling => ({
  source: 'test',
  price: ratio(wei),
  ...(types !== undefined && { types }),
});

test('both halves of an orchestrator are one entry, whatever slash its address ends with', () => {
  const info = infoOf('https://a.example:8935/', { 35: ['scope', 'a-model'] });
  const runners = list('https://A.example:8935', ['https://a.example:8935/r/1', 'lp/edges']);
  const entries = discoveryEntries([known('a.example:8935', { info, runners, infoAgeMs: 7000 })], RULES);
  expect(entries).toMatchObject([
    {
      address: 'https://a.example:8935',
      score: 1,
      capabilities: ['live-video-to-video/a-model', 'live-video-to-video/scope', 'lp/edges'],
      runners: [{ url: 'https://a.example:8935/r/1', app: 'lp/edges' }],
      last_seen: new Date(NOW_MS - 7000).toISOString(),
      age_ms: 7000,
    },
  ]);
});

test('one half is enough; an entry without runners has no list of them', () => {
  const entries = discoveryEntries(
    [
      known('https://a.example', { info: infoOf('https://a.example', { 27: ['sd'] }) }),
      known('https://b.example', { runners: list('https://b.example', ['https://b.example/r', 'lp/b']) }),
      known('https://c.example'),
      known('https://d.example', { info: infoOf('https://d.example', {}), runners: '[]' }),
    ],
    RULES,
  );
  expect(JSON.parse(discoveryBody(entries))).toEqual([
    {
      address: 'https://a.example',
      score: 1,
      capabilities: ['text-to-image/sd'],
      last_seen: new Date(NOW_MS).toISOString(),
      age_ms: 0,
    },
    { address: 'https://b.example', score: 1, capabilities: ['lp/b'], runners: [expect.anything()] },
  ]);
});

test('capabilities above their ceilings are left out, runners above theirs', () => {
  const price = (wei: bigint, constraint: string): PriceInfo => ({
    pricePerUnit: wei,
    pixelsPerUnit: 1n,
    capability: 35,
    constraint,
  });
  const info = infoOf(
    'https://a.example',
    { 35: ['at', 'above', 'free', 'general'], 27: ['sd'] },
    { capabilitiesPrices: [price(4n, 'at'), price(5n, 'above'), price(0n, 'free')] },
  );
  const runners = list('https://a.example', ['https://a.example/r', 'lp/a']);
  const asked: string[] = [];
  const capabilityCeilings = (capability: number, model: string) => {
    asked.push(`${capability}/${model}`);
    return [ceiling(4n, ['lv2v']), ceiling(2n, [''])];
  };
  const rules = { ...RULES, ceilings: [ceiling(4n, ['live'])], capabilityCeilings };
  const both = [known('https://a.example', { info, runners }), known('https://b.example', { info })];
  // 3 wei for text-to-image is above 2; 5 wei a second is above 4.
  const keys = ['at', 'free', 'general'].map((model) => `live-video-to-video/${model}`);
  expect(discoveryEntries(both, rules)).toMatchObject([
    { address: 'https://a.example', capabilities: keys },
    { address: 'https://b.example', capabilities: keys },
  ]);
  expect(asked).toHaveLength(5); // once for each pair
  const dear = { ...rules, capabilityCeilings: () => [ceiling(-1n)] };
  expect(discoveryEntries(both, dear)).toEqual([]);
});

test('nobody speaks for an orchestrator that is asked itself, and no text becomes an address', () => {
  const claims = (url: string, claimed: string) =>
    discoveryEntries(
      [known(url, { info: infoOf(claimed, { 33: ['m'] }) }), known('https://b.example/')],
      RULES,
    ).map(({ address }) => address);
  expect(claims('http://10.0.0.1:8935', 'https://public.example:8935/')).toEqual([
    'https://public.example:8935',
  ]);
  expect(claims('https://a.example', 'https://B.example')).toEqual(['https://a.example']);
  for (const text of ['', 'b', 'javascript:alert(1)', 'https://u:p@c.example', 'https://']) {
    expect(claims('https://a.example/', text)).toEqual(['https://a.example']);
  }
});

test('nobody lists runners of an orchestrator that is asked itself, or takes them from it', () => {
  const lies = JSON.stringify([
    ...(JSON.parse(list('https://B.example/', ['https://a.example/r', 'lp/b'])) as object[]),
    ...(JSON.parse(list('https://c.example', ['https://b.example/r', 'lp/c'])) as object[]),
  ]);
  const entries = discoveryEntries(
    [
      known('https://a.example', { runners: lies }),
      known('b.example', { runners: list('https://b.example', ['https://b.example/r', 'lp/b']) }),
    ],
    RULES,
  );
  expect(entries).toMatchObject([
    { address: 'https://c.example', capabilities: ['lp/c'] },
    { address: 'https://b.example', runners: [{ url: 'https://b.example/r', app: 'lp/b' }] },
  ]);
});

test('blocked orchestrators are left out, under whichever address', () => {
  const info = infoOf('https://bad.example', { 33: ['m'] });
  const runners = list('https://bad.example', ['https://bad.example/r', 'lp/a']);
  const isBlocked = (address: string) => address === 'https://bad.example';
  const entries = discoveryEntries([known('https://a.example', { info, runners })], { ...RULES, isBlocked });
  expect(entries).toEqual([]);
});

test('orchestrators that name a blocked account as theirs are left out with all they offer', () => {
  const node = `0x${'aa'.repeat(20)}` as const;
  const recipient = `0x${'bb'.repeat(20)}` as const;
  const url = 'https://a.example';
  const ticketParams = {
    recipient,
    faceValue: 1n,
    winProb: 1n,
    recipientRandHash: `0x${'00'.repeat(32)}`,
    seed: 1n,
    expirationBlock: 1n,
  } as const;
  const info = infoOf(url, { 33: ['m'] }, { address: node, ticketParams });
  const heard = [known(url, { info, runners: list(url, [`${url}/r`, 'lp/a']) })];
  const without = (account: string) =>
    discoveryEntries(heard, { ...RULES, isBlocked: blocklist([account]) }).length;
  expect([node, recipient, `0x${'cc'.repeat(20)}`].map(without)).toEqual([0, 0, 1]);
});

test('caps finds models and apps, or-ed, in the order asked, each entry once', () => {
  const entries = discoveryEntries(
    [
      known('https://a.example', { info: infoOf('https://a.example', { 33: ['m', 'n'] }) }),
      known('https://b.example', { runners: list('https://b.example', ['https://b.example/r', 'lp/b']) }),
    ],
    RULES,
  );
  const found = (...caps: string[]) => filterByCapability(entries, caps).map(({ address }) => address);
  expect(found('llm/m')).toEqual(['https://a.example']);
  expect(found('lp/b', 'llm/n', 'llm/m', 'lp/b')).toEqual(['https://b.example', 'https://a.example']);
  expect(found('llm')).toEqual([]);
  expect(found('', '')).toHaveLength(2);
});

test.each(['0.5', '1.25', '125', '0.1', '0.000003', `7.${'0'.repeat(399)}3`])(
  'a runner priced at %s is listed at exactly that',
  (price) => {
    const info = { price_info: { price, currency: 'wei', unit: 'seconds' } };
    const runners = list('https://a.example', ['https://a.example/r', 'lp/a', info]);
    const body = discoveryBody(discoveryEntries([known('https://a.example', { runners })], RULES));
    expect(body).toContain(`"price":${price},`);
  },
);

test('a runner may state any age', () => {
  const stale: [string, string, object] = [
    'https://a.example/r',
    'lp/a',
    { age_ms: Number.MAX_SAFE_INTEGER },
  ];
  const entries = discoveryEntries(
    [known('https://a.example', { runners: list('https://a.example', stale) })],
    RULES,
  );
  expect(entries[0]?.runners).toMatchObject([
    { age_ms: Number.MAX_SAFE_INTEGER, last_seen: '1970-01-01T00:00:00.000Z' },
  ]);
});

test('whatever orchestrators say, the answer is JSON of entries with capabilities, each address once', () => {
  const wire = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n });
  const text = fc.oneof(fc.webUrl(), fc.string({ unit: 'binary' })).filter((one) => one.isWellFormed());
  const capability = fc.integer({ min: 0, max: 40 });
  const model = fc.oneof(fc.constantFrom('m', '__proto__', ''), text);
  const price = fc.record({
    pricePerUnit: wire,
    pixelsPerUnit: wire,
    capability: fc.integer({ min: 1, max: 40 }),
    constraint: fc.constantFrom('m', '__proto__'),
  });
  const info = fc
    .record({
      transcoder: text,
      models: fc.dictionary(capability.map(String), fc.array(model, { maxLength: 3 }), { maxKeys: 4 }),
      capabilitiesPrices: fc.array(price, { minLength: 1, maxLength: 3 }),
    })
    .map(({ transcoder, models, capabilitiesPrices }) => infoOf(transcoder, models, { capabilitiesPrices }));
  fc.assert(
    fc.property(fc.array(fc.tuple(text, info), { maxLength: 5 }), wire, (orchestrators, most) => {
      const rules = { ...RULES, capabilityCeilings: () => [ceiling(most)] };
      const heard = orchestrators.map(([url, said]) =>
        known(url, { info: decodeOrchestratorInfo(encodeOrchestratorInfo(said)) }),
      );
      const entries = JSON.parse(discoveryBody(discoveryEntries(heard, rules))) as {
        address: string;
        capabilities: string[];
      }[];
      for (const { capabilities } of entries) {
        expect(capabilities.length).toBeGreaterThan(0);
        expect(capabilities).toEqual([...new Set(capabilities)].sort());
      }
      expect(new Set(entries.map(({ address }) => address)).size).toBe(entries.length);
    }),
    { numRuns: 300 },
  );
});
