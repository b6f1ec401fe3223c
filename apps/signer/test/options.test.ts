import { readFile } from 'node:fs/promises';
import { envExample, loadConfig, type OptionRows, optionNames } from '@lp/service';
import { expect, test } from 'vitest';
import { options } from '../src/options.ts';

const rows: OptionRows = options.rows;

/** The README's table: one line per option, from the same rows as `--help`. */
function optionTable(): string {
  const lines = Object.entries(rows).map(([key, row]) => {
    const { flag, variable } = optionNames(options, key, row);
    const fallback = row.required ? 'required' : row.fallback ? `\`${row.fallback}\`` : 'none';
    const spelled = flag === null ? 'none: secret' : `\`${flag}\``;
    return `| ${spelled} | \`${variable}\` | ${fallback} | ${row.describe} |`;
  });
  return ['| Flag | Variable | Default | Meaning |', '|---|---|---|---|', ...lines].join('\n');
}

test('the README lists every option with its default', async () => {
  const readme = await readFile(new URL('../README.md', import.meta.url), 'utf8');
  const table = /\| Flag \|[\s\S]*?(?=\n\n)/.exec(readme)?.[0];
  expect(table).toBe(optionTable());
});

test('.env.example is what the options say', async () => {
  await expect(envExample(options)).toMatchFileSnapshot('../.env.example');
});

test('--help shows every flag and variable of the table', () => {
  const help = loadConfig(options, { argv: ['--help'], env: {} });
  if (help.kind !== 'print') expect.fail('no help');
  for (const [key, row] of Object.entries(rows)) {
    const { flag, variable } = optionNames(options, key, row);
    if (flag === null) expect(help.text).toContain(`  ${variable}  `);
    else {
      expect(help.text).toContain(flag);
      expect(help.text.replaceAll(/\s+/g, ' ')).toContain(`[${variable};`);
    }
  }
});

test('what has no default is asked for', () => {
  expect(() => loadConfig(options, { argv: [], env: {} })).toThrow(/LP_SIGNER_RPC_URL/);
});
