import { defineConfig } from 'vitest/config';

// Unit tests read the sources of the workspace packages (export condition `lp-source`): no build is needed.
export default defineConfig({
  resolve: { conditions: ['lp-source', 'module', 'node'] },
  ssr: { resolve: { conditions: ['lp-source', 'module', 'node'] } },
  test: {
    include: [
      'packages/*/{src,test}/**/*.test.ts',
      'apps/*/{src,test}/**/*.test.ts',
      'examples/*/{src,test}/**/*.test.ts',
      'test/**/*.test.ts',
    ],
    exclude: ['**/node_modules/**', '**/dist/**', '**/*.full.test.ts'],
    testTimeout: 30_000,
    hookTimeout: 60_000,
    maxWorkers: 2,
  },
});
