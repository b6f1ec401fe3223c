import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bytesToHex, HexError, hexToBytes } from './hex.ts';
import type { Hex } from './types.ts';
import { bytesToUint, MAX_UINT256, uint256Bytes } from './uint256.ts';

describe('hex', () => {
  it('takes any case and gives lower case', () => {
    expect(hexToBytes('0xDEADbeef')).toEqual(Uint8Array.of(0xde, 0xad, 0xbe, 0xef));
    // Prefixes in upper case come from outside TypeScript.
    expect(hexToBytes('0Xff' as Hex)).toEqual(Uint8Array.of(255));
    expect(bytesToHex(hexToBytes('0xABCDEF'))).toBe('0xabcdef');
    expect(hexToBytes('0x')).toEqual(new Uint8Array());
  });

  it('reads what it writes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => {
        expect(bytesToHex(bytes)).toBe(`0x${Buffer.from(bytes).toString('hex')}`);
        expect(hexToBytes(bytesToHex(bytes), bytes.length)).toEqual(bytes);
      }),
    );
  });

  it.each([
    '',
    '0',
    'ff',
    '0xf',
    '0xfff',
    '0xgg',
    '0x0g',
    '0xg0',
    '0x 1',
    '0x-1',
    '0x\u0661\u0661',
    '0x@@',
    '0x``',
  ])('refuses %j', (text) => {
    // Callers outside TypeScript pass any text.
    expect(() => hexToBytes(text as Hex)).toThrow(HexError);
  });

  it('refuses another length than asked for', () => {
    expect(() => hexToBytes('0x0000', 1)).toThrow(expect.objectContaining({ code: 'malformed-hex' }));
    expect(() => hexToBytes('0x', 1)).toThrow(HexError);
  });

  it('throws nothing but HexError', () => {
    const nearly = fc.string({ unit: fc.constantFrom('0', 'x', 'f', 'A', 'g', '\u0130'), maxLength: 8 });
    fc.assert(
      fc.property(fc.oneof(fc.string(), nearly), (text) => {
        try {
          // Callers outside TypeScript pass any text.
          expect(bytesToHex(hexToBytes(text as Hex))).toBe(text.toLowerCase());
        } catch (error) {
          expect(error).toBeInstanceOf(HexError);
        }
      }),
      { numRuns: 1000 },
    );
  });
});

describe('32-byte numbers', () => {
  it('go both ways', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: MAX_UINT256 }), (value) => {
        const bytes = uint256Bytes(value);
        expect(bytesToHex(bytes)).toBe(`0x${value.toString(16).padStart(64, '0')}`);
        expect(bytesToUint(bytes)).toBe(value);
      }),
    );
    expect(bytesToUint(new Uint8Array())).toBe(0n);
  });

  it('refuse what does not fit', () => {
    expect(() => uint256Bytes(MAX_UINT256 + 1n)).toThrow(RangeError);
    expect(() => uint256Bytes(-1n)).toThrow(RangeError);
  });
});
