import fc from 'fast-check';
import { expect, test } from 'vitest';
import { endOfFirstValue } from './first-json-value.ts';

test('finds the end of any object or array, whatever follows', () => {
  const value = fc.oneof(fc.dictionary(fc.string(), fc.jsonValue()), fc.array(fc.jsonValue()));
  fc.assert(
    fc.property(value, fc.constantFrom('', ' ', '\n'), fc.string(), (json, before, after) => {
      const text = JSON.stringify(json);
      expect(endOfFirstValue(before + text + after)).toBe(before.length + text.length);
    }),
  );
});

test.each(['', '  ', 'null', '7 {}', '"{}"', '{', '{"a":"}', '[[]'])('%j has none', (text) => {
  expect(endOfFirstValue(text)).toBeUndefined();
});
