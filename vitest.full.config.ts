import { defineConfig } from 'vitest/config';
import base from './vitest.config.ts';

/** The long tests: thousands of seeds, crash loops, a real browser. */
export default defineConfig({
  ...base,
  test: {
    ...base.test,
    include: [
      'packages/*/{src,test}/**/*.full.test.ts',
      'apps/*/{src,test}/**/*.full.test.ts',
      'test/**/*.full.test.ts',
    ],
    exclude: ['**/node_modules/**', '**/dist/**'],
    testTimeout: 600_000,
    passWithNoTests: true,
  },
});
