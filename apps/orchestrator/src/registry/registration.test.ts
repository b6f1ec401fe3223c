import { parseJson } from '@lp/protocol';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Refusal } from '../errors.ts';
import { parseRegistration } from './registration.ts';

const good = { runner_url: 'http://10.0.0.1:8000', app: 'a/b', price_info: { price: 1 } };
const parse = (fields: object) => parseRegistration({ ...good, ...fields }, { priced: true });

describe('a registration (live-runner.md section 4.1)', () => {
  test('defaults', () => {
    expect(parse({})).toMatchObject({
      mode: 'persistent',
      capacity: 1,
      ready: true,
      price: { usd: '1', unit: 'hour' },
    });
  });

  test.each([
    [{ runner_url: '10.0.0.1:8000' }, 'invalid runner_url'],
    [{ runner_url: 'ftp://host/x' }, 'invalid runner_url'],
    [{ app: '' }, 'app must be trimmed'],
    [{ app: ' a' }, 'app must be trimmed'],
    [{ metadata: 'x'.repeat(1025) }, 'metadata must be valid UTF-8 of at most 1024 bytes'],
    [{ metadata: '\uFFFD' }, 'metadata must be valid UTF-8 of at most 1024 bytes'],
    [{ mode: 'both' }, 'mode must be "persistent" or "single-shot"'],
    [{ capacity: -1 }, 'capacity must be >= 0'],
    [{ price_info: {} }, 'price_info.price is required'],
    [{ price_info: { price: '0' } }, 'price_info.price must be a positive decimal'],
    [{ price_info: { price: '-1' } }, 'price_info.price must be a positive decimal'],
    [{ price_info: { price: '1', currency: 'eur' } }, 'price_info.currency must be usd'],
    [{ price_info: { price: '1', unit: 'second' } }, 'price_info.unit must be hour, 720p, or fixed'],
  ])('%j is refused with upstream words', (fields, message) => {
    expect(() => parse(fields)).toThrow(message);
  });

  test.each([
    { version: 'v'.repeat(257) },
    { label: 'l'.repeat(257) },
    { gpu: { name: 'n'.repeat(257) } },
    { gpu: { id: 'i'.repeat(257) } },
    { runner_url: `http://h/${'p'.repeat(2048)}` },
  ])('nothing that one runner says can fill the list of all', (fields) => {
    expect(() => parse(fields)).toThrow(Refusal);
  });

  test('a decimal price keeps every digit', () => {
    const body = parseJson(
      '{"runner_url":"http://h","app":"a","price_info":{"price":0.12345678901234567890123}}',
    );
    expect(parseRegistration(body, { priced: true }).price?.usd).toBe('0.12345678901234567890123');
  });

  test('earlier checks come first', () => {
    expect(() => parse({ runner_url: 'x', app: '', capacity: -1 })).toThrow('invalid runner_url');
    expect(() => parse({ app: '', capacity: -1 })).toThrow('app must be trimmed');
  });

  test('anything else is refused with a 400 and nothing worse', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        try {
          parseRegistration(value, { priced: true });
        } catch (error) {
          expect(error).toBeInstanceOf(Refusal);
          expect((error as Refusal).status).toBe(400);
        }
      }),
    );
  });

  test('any field of any type is refused with a 400 or taken', () => {
    const fields = [
      'runner_url',
      'app',
      'version',
      'metadata',
      'status',
      'mode',
      'gpu',
      'capacity',
      'price_info',
      'label',
    ];
    fc.assert(
      fc.property(fc.constantFrom(...fields), fc.jsonValue(), (name, value) => {
        try {
          parse({ [name]: value });
        } catch (error) {
          expect(error).toBeInstanceOf(Refusal);
        }
      }),
    );
  });
});
