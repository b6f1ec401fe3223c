import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { help, readConfig } from '../src/config.ts';

const secretFile = join(mkdtempSync(join(tmpdir(), 'edges-')), 'secret');
writeFileSync(secretFile, ' s3cret\n');
const required = { EDGES_ORCHESTRATOR_URL: 'http://127.0.0.1:1', EDGES_RUNNER_SECRET_FILE: secretFile };

it('fills defaults and reads the secret from its file', () => {
  expect(readConfig(required)).toEqual({
    orchestratorUrl: 'http://127.0.0.1:1',
    secret: 's3cret',
    app: 'lp/edges',
    priceUsdPerHour: '0.5',
    capacity: 1,
    host: '127.0.0.1',
    port: 9010,
  });
});

it.each([
  [{ EDGES_ORCHESTRATOR_URL: '' }, 'EDGES_ORCHESTRATOR_URL is missing'],
  [{ EDGES_ORCHESTRATOR_URL: 'orchestrator' }, 'EDGES_ORCHESTRATOR_URL must be an http(s) URL'],
  [{ EDGES_RUNNER_SECRET_FILE: '/nowhere' }, 'EDGES_RUNNER_SECRET_FILE cannot be read'],
  [{ EDGES_PRICE_USD_PER_HOUR: '0.0' }, 'EDGES_PRICE_USD_PER_HOUR must be a positive decimal'],
  [{ EDGES_PORT: '70000' }, 'EDGES_PORT must be a whole number from 0 to 65535'],
  [{ EDGES_CAPACITY: '1.5' }, 'EDGES_CAPACITY must be a whole number'],
])('refuses %j', (env, message) => {
  expect(() => readConfig({ ...required, ...env })).toThrow(message);
});

it('names every setting in its help', () => {
  expect(help()).toContain('EDGES_PRICE_USD_PER_HOUR');
  expect(help()).toContain('default lp/edges');
});
