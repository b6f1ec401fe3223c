import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { summary } from './readme-example.ts';

it('shows the example that runs', () => {
  const read = (name: string) => readFileSync(new URL(name, import.meta.url), 'utf8');
  expect(read('../README.md')).toContain(read('./readme-example.ts').trim());
  expect(summary).toBe('0.000016666666666656 ETH, 700000000 billionths of a second carried');
});
