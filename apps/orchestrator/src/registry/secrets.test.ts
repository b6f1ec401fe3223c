import fc from 'fast-check';
import { expect, test } from 'vitest';
import { base32, runnerSecrets, sameSecret } from './secrets.ts';

test('the vectors of live-runner.md section 3', () => {
  const secrets = runnerSecrets(Uint8Array.from({ length: 32 }, (_, index) => index));
  expect(secrets.heartbeat).toBe('bdg7in3mev34lts25ly3petr4sfonipqv7gh5jgr5vwte3duk66a');
  expect(secrets.o2rSuffix).toBe('kxv5seuwdqyczqhr');
  expect(secrets.sessionToken('78d45644')).toBe('hrle27xc3cjfxzcjyemo6353cdnmcyfkl6cmipmcgliingzm5zqq');
});

test('base32 encodes RFC 4648 examples', () => {
  const encode = (text: string) => base32(new TextEncoder().encode(text));
  expect(['', 'f', 'fo', 'foo', 'foob', 'fooba', 'foobar'].map(encode)).toEqual([
    '',
    'my',
    'mzxq',
    'mzxw6',
    'mzxw6yq',
    'mzxw6ytb',
    'mzxw6ytboi',
  ]);
});

test('base32 keeps every bit', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 40 }), fc.uint8Array({ maxLength: 40 }), (a, b) => {
      expect(base32(a) === base32(b)).toBe(Buffer.from(a).equals(Buffer.from(b)));
    }),
  );
});

test('secrets compare by content', () => {
  expect(sameSecret('abc', 'abc')).toBe(true);
  expect(sameSecret('abd', 'abc')).toBe(false);
  expect(sameSecret('ab', 'abc')).toBe(false);
  expect(sameSecret(undefined, 'abc')).toBe(false);
});
