import preact from '@preact/preset-vite';
import { defineConfig } from 'vite';

/** Builds the page into `dist/page`, beside the program that serves it. No inline scripts: the page's CSP forbids them. */
export default defineConfig({
  root: 'page',
  plugins: [preact({ devToolsEnabled: false })],
  build: {
    outDir: '../dist/page',
    emptyOutDir: true,
    target: 'es2022',
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
  // For work on the page: `vite` beside a running gateway.
  server: {
    proxy: { '^/(sessions|runners|settings|docs|openapi)': { target: 'http://127.0.0.1:8936', ws: true } },
  },
});
