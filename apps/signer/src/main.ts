#!/usr/bin/env node
import { COMMANDS } from './commands/commands.ts';

const [, , name = '', ...rest] = process.argv;
const command = COMMANDS.get(name);
if (command === undefined) {
  const { serve } = await import('./serve.ts');
  await serve(process.argv.slice(2));
} else {
  const run = await command.load();
  process.exitCode = await run(rest);
}
