import { describe, expect, it } from 'vitest';
import { JsonDecimal, parseJson, stringifyJson } from './json.ts';
import { scanJson } from './json-scan.ts';

describe('parseJson', () => {
  it('keeps every digit', () => {
    expect(parseJson('{"a":9223372036854775807,"b":9007199254740991,"c":-9007199254740993}')).toEqual({
      a: 9223372036854775807n,
      b: 9007199254740991,
      c: -9007199254740993n,
    });
    expect(parseJson('[1.10, 1e3, 1E-7, 0.1]')).toEqual(
      ['1.10', '1e3', '1E-7', '0.1'].map((n) => new JsonDecimal(n)),
    );
  });

  it('is not fooled by numbers inside strings', () => {
    expect(parseJson('["99999999999999999999", "1.5", "\\"1.5", 7]')).toEqual([
      '99999999999999999999',
      '1.5',
      '"1.5',
      7,
    ]);
    expect(scanJson('["99999999999999999999", "1.5", "\\"1.5\\\\", 7]')).toEqual({
      depth: 1,
      inexact: false,
    });
  });

  it('keeps a key named __proto__ harmless', () => {
    const value = parseJson('{"__proto__":{"admin":1.5}}');
    expect((value as { admin?: unknown }).admin).toBeUndefined();
  });

  it('reads invalid UTF-8 as Go does, and refuses a byte order mark as Go does', () => {
    expect(parseJson(new Uint8Array([0x22, 0xff, 0x22]))).toBe('\ufffd');
    expect(() => parseJson(new Uint8Array([0xef, 0xbb, 0xbf, 0x31]))).toThrow('not valid JSON');
  });

  it.each(['', '{', '01', 'NaN', '[1,]', '{"a":1}x', "{'a':1}"])('refuses %j', (text) => {
    expect(() => parseJson(text)).toThrow(expect.objectContaining({ code: 'malformed-json' }));
  });

  it('never repeats the input in its error', () => {
    try {
      parseJson('{"password": hunter2}');
      expect.unreachable();
    } catch (error) {
      expect(String(error) + String((error as Error).cause)).not.toContain('hunter');
    }
  });

  it('limits size and depth', () => {
    const tooLarge = expect.objectContaining({ code: 'too-large' });
    expect(() => parseJson('"aaaa"', { maxBytes: 5 })).toThrow(tooLarge);
    expect(parseJson('"aaaa"', { maxBytes: 6 })).toBe('aaaa');
    expect(() => parseJson('['.repeat(100_000))).toThrow(tooLarge);
    expect(parseJson(`${'['.repeat(64)}${']'.repeat(64)}`)).toBeDefined();
  });
});

describe('stringifyJson', () => {
  it('prints exact numbers bare', () => {
    expect(stringifyJson({ wei: 2n ** 70n, price: new JsonDecimal('0.10') })).toBe(
      '{"wei":1180591620717411303424,"price":0.10}',
    );
  });

  it('escapes what Go escapes', () => {
    expect(stringifyJson({ '<a>': '&\u2028\u2029é' })).toBe('{"\\u003ca\\u003e":"\\u0026\\u2028\\u2029é"}');
  });
});
