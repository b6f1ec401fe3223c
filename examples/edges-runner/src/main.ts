import { once } from 'node:events';
import { RegistrationError } from '@lp/runner';
import { ConfigError, help, readConfig } from './config.ts';
import { type EdgesRunner, startEdgesRunner } from './edges-runner.ts';

const STOP_DEADLINE_MS = 10_000;

/** Exit codes: 0 stopped as asked, 1 failed, 2 wrong settings or arguments. */
async function main(args: readonly string[]): Promise<number> {
  if (args.includes('--help') || args.includes('-h')) {
    process.stdout.write(help());
    return 0;
  }
  const [unknown] = args;
  if (unknown !== undefined) throw new ConfigError(`unknown argument ${unknown}; see --help`);
  const stopped = stopSignal();
  const runner = await startEdgesRunner(readConfig(process.env), {
    logger: { stream: process.stderr },
    signal: stopped,
  });
  process.stdout.write(`edges-runner listening on ${runner.url}\n`);
  if (!stopped.aborted) await once(stopped, 'abort');
  return await stop(runner);
}

/** Aborts on the first SIGTERM or SIGINT; a second one kills, as usual. */
function stopSignal(): AbortSignal {
  const controller = new AbortController();
  process.once('SIGTERM', () => controller.abort());
  process.once('SIGINT', () => controller.abort());
  return controller.signal;
}

async function stop(runner: EdgesRunner): Promise<number> {
  const overdue = setTimeout(() => {
    process.stderr.write('edges-runner did not stop in time\n');
    process.exit(1);
  }, STOP_DEADLINE_MS);
  await runner.close();
  clearTimeout(overdue);
  return 0;
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  if (error instanceof RegistrationError && error.code === 'closed') process.exit(0);
  const message = error instanceof Error ? error.message : String(error);
  process.stderr.write(`edges-runner: ${message}\n`);
  const usage =
    error instanceof ConfigError || (error instanceof RegistrationError && error.code === 'invalid-option');
  process.exit(usage ? 2 : 1);
}
