#!/usr/bin/env node
import { Command, InvalidArgumentError } from 'commander';
import { onceCommand } from './once-command.ts';
import { startCommand } from './start-command.ts';

/** A number within bounds, for commander. */
const numberBetween =
  (least: number, most: number) =>
  (text: string): number => {
    const value = Number(text);
    if (text.trim() !== '' && value >= least && value <= most) return value;
    throw new InvalidArgumentError(`must be a number from ${least} to ${most}`);
  };

const DAY_SECONDS = 86_400;

const program = new Command('lp-devnet')
  .description('All of lp on this machine: a local chain with the real contracts, and every app.')
  .option('--folder <path>', 'where logs and the files of the run go', '.lp')
  .option('--once', 'run one paid session, print what it brought, and end')
  .option('--seconds <n>', 'with --once: length of the session', numberBetween(1, DAY_SECONDS), 20)
  .option('--fps <n>', 'with --once: pictures per second', numberBetween(1, 60), 20)
  .option('--input <file>', 'with --once: a video file to send, with the ffmpeg that is installed')
  .option('--json', 'with --once: one line of JSON as the last line of standard output')
  .addHelpText(
    'after',
    '\nPorts: LP_GATEWAY_PORT, LP_SIGNER_PORT, LP_ORCHESTRATOR_PORT; 0 takes any free one.',
  )
  .action(async () => {
    const { folder, once = false, seconds, fps, input, json = false } = program.opts<Options>();
    process.exitCode = once
      ? await onceCommand({ folder, seconds, fps, json, ...(input !== undefined && { input }) })
      : await startCommand({ folder });
  });
program
  .command('start')
  .description('run until Ctrl-C (what happens without --once, too)')
  .action(async () => {
    process.exitCode = await startCommand(program.opts<Options>());
  });

interface Options {
  readonly folder: string;
  readonly once?: boolean;
  readonly seconds: number;
  readonly fps: number;
  readonly input?: string;
  readonly json?: boolean;
}

await program.parseAsync();
// Timers that only watch (for the parent's end) must not keep a finished run alive.
process.stdout.write('', () => process.exit());
