import { describe, expect, it } from 'vitest';
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
