import { type Logger, type LoggerOptions, pino } from 'pino';

export type { Logger } from 'pino';

/** Levels of the log, least to most. */
export const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const;

const SECRET_HEADERS = [
  'authorization',
  'cookie',
  'livepeer',
  'livepeer-payment',
  'livepeer-segment',
  'livepeer-session-token',
  'x-api-key',
  'sec-websocket-protocol',
];

/** Paths that never reach the log: credentials, payments, and what the parts call their secrets. */
const REDACT = [
  ...SECRET_HEADERS.flatMap((name) => [
    `headers["${name}"]`,
    `*.headers["${name}"]`,
    `err.request.headers["${name}"]`,
  ]),
  ...['password', 'privateKey', 'secret', 'token', 'payment', 'segCreds'].flatMap((name) => [
    name,
    `*.${name}`,
  ]),
];

/**
 * JSON lines on standard error, written synchronously so that the last line before an exit is not lost.
 * Authorization, payment and session headers and fields named like secrets are replaced by `[redacted]`.
 */
export function createLogger(options: {
  readonly name: string;
  readonly level?: (typeof LOG_LEVELS)[number];
  /** For tests: where lines go instead of standard error. */
  readonly destination?: { write(line: string): void };
}): Logger {
  const settings: LoggerOptions = {
    name: options.name,
    level: options.level ?? 'info',
    redact: { paths: REDACT, censor: '[redacted]' },
    base: { pid: process.pid },
  };
  return pino(settings, options.destination ?? pino.destination({ dest: 2, sync: true }));
}
