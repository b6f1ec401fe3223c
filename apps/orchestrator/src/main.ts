#!/usr/bin/env node
import { type Config, runService } from '@lp/service';
import { options } from './options.ts';
import { onchainPorts } from './ports.ts';
import { startOrchestrator } from './start-orchestrator.ts';

await runService({
  name: 'orchestrator',
  options,
  start: async (config: Config<(typeof options)['rows']>, context) =>
    startOrchestrator(
      config,
      config.network === 'offchain' ? {} : await onchainPorts(config, context.signal),
      context,
    ),
});
