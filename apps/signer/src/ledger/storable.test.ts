import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isStorable, MOST_NAME_BYTES, storable } from './storable.ts';

test('any text becomes one that databases take; what is in bounds stays as it is', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 1100, size: 'max' }), (text) => {
      const stored = storable(text);
      expect(Buffer.byteLength(stored)).toBeLessThanOrEqual(MOST_NAME_BYTES);
      expect(stored.isWellFormed()).toBe(true);
      expect(stored).not.toContain('\0');
      expect(storable(stored)).toBe(stored);
      const fits = Buffer.byteLength(text) <= MOST_NAME_BYTES && text.isWellFormed() && !text.includes('\0');
      expect(isStorable(text)).toBe(fits);
    }),
  );
});

test('long names that begin alike stay apart', () => {
  const [one, other] = ['1', '2'].map((end) => storable(`${'x'.repeat(1000)}${end}`));
  expect(one).not.toBe(other);
  expect(one?.startsWith('x'.repeat(100))).toBe(true);
});
