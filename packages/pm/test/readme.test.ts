import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { received } from './readme-example.ts';

it('shows the example that runs', () => {
  const read = (name: string) => readFileSync(new URL(name, import.meta.url), 'utf8');
  expect(read('../README.md')).toContain(read('./readme-example.ts').trim());
  expect(received).toEqual({ valid: true, wins: false, ev: { n: 10_000_000_000n, d: 1n } });
});

it('shows the chain example that ethers-chain.test.ts runs', () => {
  const read = (name: string) => readFileSync(new URL(name, import.meta.url), 'utf8');
  expect(read('../README.md')).toContain(read('./readme-chain.ts').trim());
});
