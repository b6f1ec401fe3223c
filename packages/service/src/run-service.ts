import closeWithGrace from 'close-with-grace';
import type { Logger } from 'pino';
import { ignoreClosedPipe } from './closed-pipe.ts';
import { ConfigError } from './config-error.ts';
import { loadConfig } from './load-config.ts';
import { createLogger, type LOG_LEVELS } from './logger.ts';
import type { Config, OptionRows, OptionTable } from './option-table.ts';
import { reloader } from './reloader.ts';

/** A started service. */
export interface RunningService {
  /** Where it listens, as printed: `http://127.0.0.1:8936`. */
  readonly url: string;
  /** Further listeners, printed as `lp-<name> <label> on <url>`. */
  readonly also?: Readonly<Record<string, string>>;
  /** Drains and lets go of everything. `signal` aborts shortly before the deadline: cut what is left then. */
  close(signal: AbortSignal): Promise<void>;
  /**
   * Reads its files again and goes on serving; on SIGHUP of a service with `reloads`. What it throws is logged, and
   * everything stays as it was.
   */
  reload?(): Promise<void>;
}

/** What `start` gets besides the configuration. */
export interface ServiceContext {
  readonly log: Logger;
  /** Aborts when a shutdown begins, also while starting. */
  readonly signal: AbortSignal;
  /** Ends the service as a crash does: logged, drained, exit code 1. For background work that must not die alone. */
  readonly fail: (error: unknown) => void;
}

/** What takes the place of signals and printed lines in a process that another one of the same app runs. */
export interface Supervision {
  /** Closes the service when it aborts. Signals are the supervisor's, and ignored here: they may go to whole groups. */
  readonly stop: AbortSignal;
  /** Gets what a SIGHUP calls in a service that `reloads`. */
  onReload(reload: () => void): void;
  /** Called instead of printing. */
  started(running: RunningService): void;
}

/** Settings of `runService`. */
export interface ServiceOptions<R extends OptionRows> {
  /** Without `lp-`: `signer`. */
  readonly name: string;
  readonly options: OptionTable<R>;
  readonly version?: string;
  /** Arguments after the program's name. Default `process.argv.slice(2)`. */
  readonly argv?: readonly string[];
  /** Default `process.env`. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** SIGHUP calls `reload` of the running service instead of closing it. */
  readonly reloads?: boolean;
  /** Set in a process that another one of the app runs. */
  readonly supervision?: Supervision | undefined;
  /** Time for `close` after a signal, in milliseconds. Default 10,000. */
  readonly drainMs?: number;
  /** The level of the log is the table's row `logLevel`, where it has one. */
  start(config: Config<R>, context: ServiceContext): Promise<RunningService>;
}

/** The share of the drain time after which `close` is told to cut. */
const CUT_AT = 0.8;

/**
 * Runs an app until a signal: reads the configuration, starts, prints `lp-<name> listening on <url>`, and on
 * SIGINT, SIGTERM or SIGHUP (unless it `reloads`) closes within `drainMs`. A second signal, an error while closing or the deadline
 * ends at once with 1; uncaught errors and rejections are logged and end with 1; a bad configuration ends with 2.
 */
export async function runService<const R extends OptionRows>(service: ServiceOptions<R>): Promise<void> {
  const command = `lp-${service.name}`;
  ignoreClosedPipe();
  const loaded = readConfig(service, command);
  if (loaded === undefined) return;
  const level = (loaded.config as { logLevel?: (typeof LOG_LEVELS)[number] }).logLevel ?? 'info';
  const log = createLogger({ name: command, level });
  const { supervision } = service;
  if (supervision === undefined) for (const warning of loaded.warnings) log.warn(warning);
  const stop = new AbortController();
  const drainMs = service.drainMs ?? 10_000;
  let running: RunningService | undefined;
  const started = Promise.withResolvers<RunningService>();
  let failure: unknown;
  const grace = closeWithGrace(
    {
      delay: drainMs,
      logger: {
        error: (message: unknown) => log.fatal(message instanceof Error ? { err: message } : String(message)),
      },
      skip: skippedEvents(service),
    },
    async ({ signal, err }: { signal?: string; err?: Error }) => {
      const error = err ?? failure;
      if (error !== undefined) log.fatal({ err: error }, 'uncaught error, closing');
      else log.info({ signal }, 'closing');
      stop.abort(new Error('the service is closing'));
      await running?.close(AbortSignal.timeout(drainMs * CUT_AT));
      log.info('closed');
      if (failure !== undefined) process.exit(1);
    },
  );
  if (service.reloads === true) {
    const reload = reloader(log, { running: () => running, started: started.promise });
    if (supervision === undefined) process.on('SIGHUP', reload);
    else supervision.onReload(reload);
  }
  if (supervision !== undefined) {
    for (const signal of SUPERVISORS_SIGNALS) process.on(signal, () => {});
    supervision.stop.addEventListener('abort', () => grace.close(), { once: true });
  }
  try {
    running = await service.start(loaded.config, {
      log,
      signal: stop.signal,
      fail: (error) => {
        failure ??= error;
        grace.close();
      },
    });
  } catch (error) {
    if (stop.signal.aborted) return;
    grace.uninstall();
    refuse(command, log, error);
    return;
  }
  started.resolve(running);
  if (supervision === undefined) print(command, running);
  else supervision.started(running);
}

const SUPERVISORS_SIGNALS = ['SIGHUP', 'SIGINT', 'SIGTERM'] as const;

function skippedEvents({
  reloads,
  supervision,
}: Pick<ServiceOptions<OptionRows>, 'reloads' | 'supervision'>) {
  const skipped: ('beforeExit' | (typeof SUPERVISORS_SIGNALS)[number])[] = ['beforeExit'];
  if (supervision !== undefined) skipped.push(...SUPERVISORS_SIGNALS);
  else if (reloads === true) skipped.push('SIGHUP');
  return skipped;
}

function readConfig<R extends OptionRows>(
  service: ServiceOptions<R>,
  command: string,
): { config: Config<R>; warnings: readonly string[] } | undefined {
  try {
    const { version, argv, env } = service;
    const loaded = loadConfig(service.options, {
      ...(version !== undefined && { version }),
      ...(argv !== undefined && { argv }),
      ...(env !== undefined && { env }),
    });
    if (loaded.kind === 'run') return loaded;
    process.stdout.write(loaded.text);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    process.stderr.write(`${command}: ${error.message}\n`);
    process.exitCode = error.exitCode;
  }
  return undefined;
}

/**
 * A start that failed. Errors with an `exitCode` (2 for a fault of the configuration) say in their message what to do:
 * that is all that is shown. Anything else is logged with its stack and ends with 1.
 */
function refuse(command: string, log: Logger, error: unknown): void {
  const { exitCode, message } = error as { exitCode?: unknown; message?: unknown };
  const told = exitCode === 1 || exitCode === 2;
  if (told) process.stderr.write(`${command}: ${String(message)}\n`);
  else log.fatal({ err: error }, 'cannot start');
  process.exit(told ? exitCode : 1);
}

function print(command: string, running: RunningService): void {
  const also = Object.entries(running.also ?? {}).map(([label, url]) => `${command} ${label} on ${url}\n`);
  process.stdout.write(`${also.join('')}${command} listening on ${running.url}\n`);
}
