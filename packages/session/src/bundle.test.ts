import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { build } from 'vite';
import { expect, test } from 'vitest';

const LIMIT_BYTES = 70 * 1024;
const root = new URL('..', import.meta.url).pathname;

test('the whole session runs in a browser, below 70 kB gzip with everything it needs', async () => {
  const directory = await mkdtemp(join(root, '.bundle-'));
  try {
    const entry = join(directory, 'entry.ts');
    await writeFile(
      entry,
      "import { openSession } from '../src/index.ts';\nglobalThis.openSession = openSession;\n",
    );
    await build({
      root,
      configFile: false,
      logLevel: 'error',
      resolve: { conditions: ['lp-source', 'browser', 'module', 'import', 'default'] },
      build: {
        outDir: join(directory, 'out'),
        target: 'es2024',
        minify: true,
        rolldownOptions: { input: entry, output: { entryFileNames: '[name].js' } },
      },
    });
    const files = (await readdir(join(directory, 'out'), { recursive: true })).filter((name) =>
      name.endsWith('.js'),
    );
    const sources = await Promise.all(files.map((name) => readFile(join(directory, 'out', name))));
    const bytes = sources.reduce((sum, source) => sum + gzipSync(source, { level: 9 }).byteLength, 0);
    const code = sources.map((source) => source.toString('utf8')).join('\n');
    expect(code).not.toMatch(/from\s*["']node:|require\(["']node:|__vite-browser-external/);
    expect(bytes).toBeGreaterThan(10_000);
    expect(bytes, `${bytes} bytes gzip`).toBeLessThan(LIMIT_BYTES);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}, 60_000);
