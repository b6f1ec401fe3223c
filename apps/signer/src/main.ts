#!/usr/bin/env node
import { ignoreClosedPipe } from '@lp/service';
import { COMMANDS } from './commands/commands.ts';

const [, , name = '', ...rest] = process.argv;
const command = COMMANDS.get(name);
if (command === undefined) {
  const { serve } = await import('./serve.ts');
  await serve(process.argv.slice(2));
  if (process.argv.includes('--help')) {
    const list = [...COMMANDS].map(([word, { describe }]) => `  ${word.padEnd(10)} ${describe}`);
    process.stdout.write(`\nCommands (lp-signer <command> --help):\n${list.join('\n')}\n`);
  }
} else {
  ignoreClosedPipe();
  try {
    const run = await command.load();
    process.exitCode = await run(rest);
  } catch (error) {
    const { exitCode, message } = error as { exitCode?: unknown; message?: unknown };
    process.stderr.write(`lp-signer ${name}: ${String(message)}\n`);
    process.exitCode = typeof exitCode === 'number' ? exitCode : 1;
  }
}
