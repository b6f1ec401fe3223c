import { seededRandom } from '@lp/runtime/testing';
import { parseApiKeys } from '@lp/service';
import { expect, test } from 'vitest';
import { keyCommand, newApiKey } from './key.ts';

test('the line stands for the key and does not hold it', () => {
  const { key, line } = newApiKey('gateway-1', seededRandom(1));
  expect(key).toMatch(/^lps_[\w-]{43}$/);
  expect(line).not.toContain(key);
  expect(parseApiKeys(line).identify(key)).toEqual({ identity: 'gateway-1' });
});

test('prints key and line once, and every time others', async () => {
  let printed = '';
  const output = { out: (text: string) => (printed += text), err: expect.unreachable };
  expect(await keyCommand(['new', 'gateway'], output)).toBe(0);
  const first = printed;
  printed = '';
  expect(await keyCommand(['new', 'gateway'], output)).toBe(0);
  const key = /lps_\S+/.exec(printed)?.[0] ?? '';
  expect(first).not.toContain(key);
  expect(parseApiKeys(/gateway sha256:\S+/.exec(printed)?.[0] ?? '').identify(key)).toBeDefined();
});

test.each([[[]], [['new']], [['new', 'a b']], [['new', 'a', 'b']], [['old', 'a']]])(
  '%j is refused with the usage',
  async (argv) => {
    let complaint = '';
    const output = { out: expect.unreachable, err: (text: string) => (complaint += text) };
    expect(await keyCommand(argv, output)).toBe(2);
    expect(complaint).toContain('Usage: lp-signer key new');
  },
);
