import { expect, test } from 'vitest';
import { NonceMemory } from './nonce-memory.ts';

test('remembers the highest nonce of each set of params', () => {
  const memory = new NonceMemory();
  expect(memory.last('0x11')).toBe(0);
  memory.use('0x11', 5);
  memory.use('0x11', 3);
  memory.use('0x22', 1);
  expect([memory.last('0x11'), memory.last('0x22')]).toEqual([5, 1]);
});

test('forgets what was used longest ago', () => {
  const memory = new NonceMemory(2);
  memory.use('0x11', 1);
  memory.use('0x22', 2);
  memory.use('0x11', 3);
  memory.use('0x33', 4);
  expect([memory.last('0x11'), memory.last('0x22'), memory.last('0x33')]).toEqual([3, 0, 4]);
});
