import { describe, expect, it } from 'vitest';
import { isLoopback, OpenListenerError, refuseOpenListener } from './loopback.ts';

describe('isLoopback', () => {
  it.each([
    ['127.0.0.1', true],
    ['127.9.9.9', true],
    ['::1', true],
    ['[::1]', true],
    ['LOCALHOST', true],
    ['0.0.0.0', false],
    ['::', false],
    ['127.0.0.1.evil.example', false],
    ['10.0.0.1', false],
    ['', false],
  ])('%j: %j', (host, expected) => expect(isLoopback(host)).toBe(expected));
});

describe('refuseOpenListener', () => {
  it('allows loopback without, and any address with authentication', () => {
    refuseOpenListener('127.0.0.1', false);
    refuseOpenListener('0.0.0.0', true);
    expect(() => refuseOpenListener('0.0.0.0', false)).toThrow(OpenListenerError);
  });
});
