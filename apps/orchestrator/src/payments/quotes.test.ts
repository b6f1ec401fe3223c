import { describe, expect, it } from 'vitest';
import { quoteBook, samePrice } from './quotes.ts';

const price = (pricePerUnit: bigint, pixelsPerUnit = 1n) => ({ pricePerUnit, pixelsPerUnit });
const offer = (runner: string, wei: bigint) => ({ runner, price: price(wei), unit: 'seconds' as const });

describe('quoteBook', () => {
  it('holds an offer until its token expires', () => {
    const book = quoteBook();
    book.record('m', offer('a', 100n), 1_000n);
    expect(book.allows('m', price(100n), offer('a', 150n), 1_000n)).toBe(true);
    expect(book.allows('m', price(200n, 2n), offer('a', 150n), 1_000n)).toBe(true);
    expect(book.allows('m', price(99n), offer('a', 150n), 1_000n)).toBe(false);
    expect(book.allows('m', price(100n), offer('b', 150n), 1_000n)).toBe(false);
    expect(book.allows('m', price(100n), { ...offer('a', 150n), unit: '720p-pixel-seconds' }, 1_000n)).toBe(
      false,
    );
    expect(book.allows('m', price(100n), offer('a', 150n), 1_001n)).toBe(false);
    expect(book.size).toBe(0);
  });

  it('is bounded: the oldest offer goes, and the current price still counts', () => {
    const book = quoteBook(2);
    for (const id of ['x', 'y', 'z']) book.record(id, offer('a', 100n), 1_000n);
    expect(book.size).toBe(2);
    expect(book.allows('x', price(100n), offer('a', 150n), 0n)).toBe(false);
    expect(book.allows('x', price(150n), offer('a', 150n), 0n)).toBe(true);
    expect(book.allows('z', price(100n), offer('a', 150n), 0n)).toBe(true);
  });

  it.each([
    [price(1n), price(2n, 2n), true],
    [price(1n), price(1n, 2n), false],
    [price(1n, 0n), price(1n, 0n), false],
    [price(-1n, -1n), price(1n), false],
  ])('%o and %o are the same: %o', (a, b, same) => {
    expect(samePrice(a, b)).toBe(same);
  });
});
