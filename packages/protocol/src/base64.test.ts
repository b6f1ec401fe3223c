import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as node from './base64/node.ts';
import * as portable from './base64/portable.ts';
import { decodeBase64 } from './base64.ts';

describe('decodeBase64', () => {
  it.each([
    ['URL-safe characters', '-_-_'],
    ['missing padding', 'YQ'],
    ['too much padding', 'Y==='],
    ['padding inside', 'YQ==YQ=='],
    ['a space', 'YW Jj'.padEnd(8, '=')],
    ['unused bits that are not zero', 'YR=='],
    ['a line break', 'YWJj\nYWJj\n\n\n'],
    ['text beyond ASCII', 'YWJé'],
  ])('refuses %s', (_name, text) => {
    expect(() => decodeBase64(text)).toThrow(expect.objectContaining({ code: 'malformed-base64' }));
  });

  it('skips line breaks only when told to', () => {
    const text = 'YWJj\r\nYWJ\nj';
    expect(() => decodeBase64(text)).toThrow('not standard base64');
    expect(Buffer.from(decodeBase64(text, { lineBreaks: 'skip' })).toString()).toBe('abcabc');
  });

  it('reads nothing as no bytes', () => {
    expect(decodeBase64('')).toEqual(new Uint8Array(0));
  });
});

describe('the two ways to read and write base64', () => {
  const text = fc.oneof(
    fc.base64String(),
    fc.string({
      unit: fc.constantFrom('A', 'Q', 'R', '/', '+', '-', '_', '=', ' ', '\n', 'é'),
      maxLength: 12,
    }),
  );

  it('read the same, and nothing that is not standard', () => {
    fc.assert(
      fc.property(text, (source) => {
        const bytes = portable.decode(source);
        expect(node.decode(source)).toEqual(bytes);
        if (bytes !== undefined) expect(portable.encode(bytes)).toBe(source);
      }),
      { numRuns: 2000 },
    );
  });

  it('write the same, and read back what they wrote', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 70 }), (bytes) => {
        const written = portable.encode(bytes);
        expect(node.encode(bytes)).toBe(written);
        expect(node.decode(written)).toEqual(bytes);
        expect(portable.decode(written)).toEqual(bytes);
      }),
    );
  });
});
