import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { ApiKeyFileError, bearerToken, parseApiKeys } from './api-keys.ts';

const KEY = 'k'.repeat(32);

describe('parseApiKeys', () => {
  it('names the caller of a plain and of a hashed key', () => {
    const hashed = createHash('sha256').update('another-secret-key').digest('hex');
    const keys = parseApiKeys(`# people\nalice ${KEY}\r\n\nbob@x sha256:${hashed}\n`);
    expect(keys.size).toBe(2);
    expect(keys.identify(KEY)).toEqual({ identity: 'alice' });
    expect(keys.identify('another-secret-key')).toEqual({ identity: 'bob@x' });
    expect(keys.identify(`${KEY}x`)).toBeUndefined();
    expect(keys.identify(`sha256:${hashed}`)).toBeUndefined();
  });

  it.each([
    ['a key alone', KEY],
    ['a short key', 'alice short'],
    ['a third word', `alice ${KEY} x`],
    ['no keys', '# none'],
  ])('refuses %s without showing it', (_what, text) => {
    expect(() => parseApiKeys(text)).toThrow(ApiKeyFileError);
    try {
      parseApiKeys(text);
    } catch (error) {
      expect(String(error)).not.toContain(KEY);
    }
  });
});

describe('bearerToken', () => {
  it.each([
    ['Bearer abc', 'abc'],
    ['bearer  abc ', 'abc'],
    ['Basic abc', undefined],
    ['Bearer', undefined],
    ['Bearer a b', undefined],
    [undefined, undefined],
  ])('of %j is %j', (header, token) => expect(bearerToken(header)).toBe(token));
});
