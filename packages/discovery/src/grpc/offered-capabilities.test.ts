import {
  decodeOrchestratorInfo,
  encodeOrchestratorInfo,
  type ModelConstraint,
  type OrchestratorInfo,
  type PriceInfo,
} from '@lp/protocol';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { CAPABILITY_NAMES, MAX_CAPABILITIES, offeredCapabilities } from './index.ts';

const MODEL: ModelConstraint = { warm: true, capacity: 1, runnerVersion: '', capacityInUse: 0 };

function info(
  models: Record<number, readonly string[]>,
  change: Partial<OrchestratorInfo> = {},
): OrchestratorInfo {
  const perCapability = new Map(
    Object.entries(models).map(([capability, names]) => [
      Number(capability),
      new Map(names.map((name) => [name, MODEL])),
    ]),
  );
  return {
    transcoder: 'https://o.example',
    address: `0x${'aa'.repeat(20)}`,
    capabilities: {
      bitstring: [],
      mandatories: [],
      capacities: new Map(),
      version: '',
      constraints: { minVersion: '', perCapability },
    },
    ...change,
  };
}

const price = (wei: bigint, per: bigint, capability = 0, constraint = ''): PriceInfo => ({
  pricePerUnit: wei,
  pixelsPerUnit: per,
  ...(capability !== 0 && { capability }),
  ...(constraint !== '' && { constraint }),
});

const prices = (of: OrchestratorInfo) =>
  Object.fromEntries(offeredCapabilities(of).map(({ key, price: { n, d } }) => [key, `${n}/${d}`]));

test('every model at its own price, or else the general one', () => {
  const offered = info(
    { 35: ['scope', 'comfyui'], 27: ['scope'] },
    {
      priceInfo: price(6n, 4n),
      capabilitiesPrices: [
        price(9n, 0n, 35, 'scope'), // for no pixels: no price
        price(7n, 1n, 35, 'scope'),
        price(8n, 1n, 35, 'scope'), // the first one counts
        price(1n, 1n, 36, 'scope'),
      ],
    },
  );
  expect(prices(offered)).toEqual({
    'live-video-to-video/scope': '7/1',
    'live-video-to-video/comfyui': '3/2',
    'text-to-image/scope': '3/2',
  });
});

test('without a price nothing is offered, at 0 it is, below it is not', () => {
  const models = { 35: ['scope'] };
  expect(prices(info(models))).toEqual({});
  expect(prices(info(models, { priceInfo: price(5n, 0n) }))).toEqual({});
  expect(prices(info(models, { priceInfo: price(5n, -1n) }))).toEqual({});
  expect(prices(info(models, { priceInfo: price(0n, 1n) }))).toEqual({ 'live-video-to-video/scope': '0/1' });
  expect(prices(info(models, { priceInfo: price(-5n, 1n) }))).toEqual({});
  const own = { capabilitiesPrices: [price(2n, 1n, 35, 'scope')] };
  expect(prices(info(models, own))).toEqual({ 'live-video-to-video/scope': '2/1' });
});

test('capabilities and models without a name are left out, and so is what nobody can filter by', () => {
  const long = 'm'.repeat(257);
  const offered = info({ 13: ['a'], 38: ['a'], 33: ['', long, 'm'] }, { priceInfo: price(1n, 1n) });
  expect(prices(offered)).toEqual({ 'llm/m': '1/1' });
  const { capabilities: _none, ...bare } = offered;
  expect(offeredCapabilities(bare)).toEqual([]);
});

test('one orchestrator cannot fill the list', () => {
  const many = Array.from({ length: MAX_CAPABILITIES + 1 }, (_, index) => `m${index}`);
  expect(offeredCapabilities(info({ 35: many }, { priceInfo: price(1n, 1n) }))).toHaveLength(
    MAX_CAPABILITIES,
  );
});

test('names are what go-livepeer makes of them', () => {
  for (const name of CAPABILITY_NAMES.values()) expect(name).toMatch(/^[a-z0-9.,-]+$/);
  expect(CAPABILITY_NAMES.get(35)).toBe('live-video-to-video');
  expect(CAPABILITY_NAMES.size).toBe(37);
  expect(new Set(CAPABILITY_NAMES.values()).size).toBe(37);
});

test('any message that can be read gives keys and prices within bounds', () => {
  const wire = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n });
  const model = fc.string({ maxLength: 300 }).filter((text) => text.isWellFormed());
  const capability = fc.integer({ min: 0, max: 40 });
  const anyPrice = fc.tuple(wire, wire, capability, model).map((parts) => price(...parts));
  fc.assert(
    fc.property(
      fc.dictionary(capability.map(String), fc.array(model, { maxLength: 4 }), { maxKeys: 6 }),
      fc.option(anyPrice),
      fc.array(anyPrice, { maxLength: 6 }),
      (models, general, own) => {
        const hostile = info(models, { capabilitiesPrices: own, ...(general && { priceInfo: general }) });
        for (const offered of offeredCapabilities(decodeOrchestratorInfo(encodeOrchestratorInfo(hostile)))) {
          expect(offered.key).toBe(`${CAPABILITY_NAMES.get(offered.capability)}/${offered.model}`);
          expect(offered.key.length).toBeLessThan(320);
          expect(offered.price.n >= 0n && offered.price.d > 0n).toBe(true);
        }
      },
    ),
  );
});
