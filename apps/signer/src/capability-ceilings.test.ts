import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { OpenedPayment } from '@lp/pm/sender';
import { ratio } from '@lp/pricing';
import { expect, test } from 'vitest';
import { paymentTypeOf, readCapabilityCeilings } from './capability-ceilings.ts';

const LV2V = 35;
const DOCUMENT = JSON.stringify({
  capabilities_prices: [
    { pipeline: 'live-video-to-video', model_id: 'scope', price_per_unit: 1000, pixels_per_unit: 1 },
    { pipeline: 'Live video to video', price_per_unit: 7, pixels_per_unit: 2 },
    { pipeline: 'text-to-image', model_id: 'sd', price_per_unit: 30 },
    { pipeline: 'llm', model_id: 'unpriced' },
    { pipeline: 'byoc', model_id: 'a', price_per_unit: 50, unit: 'seconds' },
  ],
});

/** A payment whose caller names capabilities and models. */
function payment(type: string, named: Readonly<Record<number, readonly string[]>> = {}): OpenedPayment {
  const perCapability = new Map(
    Object.entries(named).map(([number, models]) => [
      Number(number),
      new Map(models.map((model) => [model, {}])),
    ]),
  );
  // only these two are looked at
  return { state: { type }, capabilities: { constraints: { perCapability } } } as unknown as OpenedPayment;
}

const noRate = () => expect.unreachable('no ceiling is in USD');

const priceOf = (
  type: string,
  named?: Readonly<Record<number, readonly string[]>>,
  general = undefined as bigint | undefined,
) => {
  const ceilings = readCapabilityCeilings(DOCUMENT).forPayment(
    payment(type, named),
    general === undefined ? [] : [{ source: 'general', price: ratio(general) }],
    noRate,
  );
  return ceilings[0]?.price;
};

test('the exact model, else the default of its pipeline', () => {
  expect(priceOf('lv2v', { [LV2V]: ['scope'] })).toEqual(ratio(1000n));
  expect(priceOf('lv2v', { [LV2V]: ['other'] })).toEqual(ratio(7n, 2n));
});

test('of several the highest, never their sum', () => {
  expect(priceOf('lv2v', { [LV2V]: ['scope', 'other'], 27: ['sd'] })).toEqual(ratio(1000n));
});

test('naming none, or an unknown one, is no way around', () => {
  expect(priceOf('lv2v')).toEqual(ratio(1000n));
  expect(priceOf('lv2v', { 27: ['unknown'] })).toEqual(ratio(1000n));
  expect(priceOf('lv2v', {}, 5n)).toEqual(ratio(5n));
  expect(priceOf('lv2v', { 33: ['unpriced'] }, 5n)).toEqual(ratio(5n));
});

test('an entry with a unit binds payments of that unit only', () => {
  expect(priceOf('live', { 37: ['a'] })).toEqual(ratio(50n));
  expect(priceOf('lv2v', { 37: ['a'] }, 5n)).toEqual(ratio(5n));
});

test('discovery asks for one model at a time, counted as its payments are', () => {
  const ceilings = readCapabilityCeilings(DOCUMENT);
  const of = (capability: number, model: string, general: bigint) =>
    ceilings.forModel(capability, model, [{ source: 'general', price: ratio(general) }], noRate)[0]?.price;
  expect(of(LV2V, 'scope', 5n)).toEqual(ratio(1000n));
  expect(of(LV2V, 'other', 5n)).toEqual(ratio(7n, 2n));
  expect(of(33, 'unpriced', 5n)).toEqual(ratio(5n));
  expect(paymentTypeOf(LV2V)).toBe('lv2v');
  expect(paymentTypeOf(27)).toBe('');
});

test('USD are brought to wei at the rate of the moment', () => {
  const text = '{"capabilities_prices":[{"pipeline":"llm","price_per_unit":0.5,"currency":"USD"}]}';
  const ceilings = readCapabilityCeilings(text);
  expect(ceilings.needsRate).toBe(true);
  const at = (rate: bigint) =>
    ceilings.forPayment(payment('', { 33: ['any'] }), [], () => ratio(rate))[0]?.price;
  expect(at(1000n)).toEqual(ratio(500n));
  expect(at(10n)).toEqual(ratio(5n));
});

test('is read from a file too', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'lp-ceilings-'));
  await writeFile(join(folder, 'prices.json'), DOCUMENT);
  const ceilings = readCapabilityCeilings(join(folder, 'prices.json'));
  expect(ceilings.forPayment(payment('lv2v', { [LV2V]: ['scope'] }), [], noRate)).toHaveLength(1);
  await rm(folder, { recursive: true });
});

test.each([
  '/no/such/file',
  '{',
  '{}',
  '{"capabilities_prices":[7]}',
  '{"capabilities_prices":[{"pipeline":"dreams"}]}',
  '{"capabilities_prices":[{"pipeline":"llm","price_per_unit":"1"}]}',
  '{"capabilities_prices":[{"pipeline":"llm","price_per_unit":1,"currency":"EUR"}]}',
  '{"capabilities_prices":[{"pipeline":"llm","price_per_unit":1,"unit":"hours"}]}',
])('%s is refused at start', (text) => {
  expect(() => readCapabilityCeilings(text)).toThrow(expect.objectContaining({ exitCode: 2 }));
});
