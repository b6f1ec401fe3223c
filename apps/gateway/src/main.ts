#!/usr/bin/env node
import { readFileSync } from 'node:fs';
import { runService } from '@lp/service';
import { gatewayOptions } from './options.ts';
import { startGateway } from './start-gateway.ts';

const manifest = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
  version: string;
};

await runService({
  name: 'gateway',
  options: gatewayOptions,
  version: manifest.version,
  // Sessions are stopped and their receipts awaited.
  drainMs: 15_000,
  start: (config, context) => startGateway(config, context, manifest.version),
});
