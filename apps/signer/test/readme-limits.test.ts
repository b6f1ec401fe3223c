import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { parseLimits } from '../src/limits/limit-rules.ts';

test('the file of limits in the README is one', async () => {
  const readme = await readFile(new URL('../README.md', import.meta.url), 'utf8');
  const [, text = ''] = /## Limits[\s\S]*?```json\n([\s\S]*?)```/.exec(readme) ?? [];
  const rules = parseLimits(text);
  expect(rules.tables).toHaveLength(6 - 1); // two rows are of identity and day
  expect(rules).toMatchObject({ prepaid: 'accounts', needsRate: true });
});
